// @ts-check
// Counted things in words: the one place of the scripts that knows one from many.

/** @param {number} n @param {string} noun @param {string} [many] where an s does not make it */
export const oneOrMany = (n, noun, many) => (n === 1 ? noun : many ?? `${noun}s`);

/** @param {number} n @param {string} noun @param {string} [many] */
export const counted = (n, noun, many) => `${n} ${oneOrMany(n, noun, many)}`;
