// @ts-check
// Stored value -> grey: modality rescale (PS3.3 C.11.1), VOI function (C.11.2.1), inversion. One table, both renderers.

/** @typedef {{centre: number, width: number, voi: 'linear'|'linear_exact'|'sigmoid', invert: boolean}} Grey */

/**
 * The VOI function of one modality value, 0 to 1.
 * @param {number} x @param {Grey} g
 */
export function voi(x, { centre, width, voi: kind }) {
  if (kind === 'sigmoid') return 1 / (1 + Math.exp((-4 * (x - centre)) / width));
  if (kind === 'linear_exact') return clamp01((x - centre) / width + 0.5);
  if (width <= 1) return x > centre - 0.5 ? 1 : 0;
  return clamp01((x - (centre - 0.5)) / (width - 1) + 0.5);
}

/** @param {number} v */
const clamp01 = (v) => (v < 0 ? 0 : v > 1 ? 1 : v);

/**
 * The grey, 0 to 255, of every stored value.
 * @param {{slope: number, intercept: number}} rescale
 * @param {Grey} grey
 * @param {Uint8Array} [into]
 */
export function table({ slope, intercept }, grey, into = new Uint8Array(65536)) {
  for (let stored = 0; stored < 65536; stored++) {
    const v = Math.round(255 * voi(stored * slope + intercept, grey));
    into[stored] = grey.invert ? 255 - v : v;
  }
  return into;
}

/** The windows a modality offers, [name, centre, width] in modality values; 'as sent' and 'full range' are always there. */
export const PRESETS = {
  CT: [['lung', -600, 1500], ['soft tissue', 40, 400], ['bone', 300, 1500], ['brain', 40, 80]],
  MR: [],
  XR: [],
};

/**
 * Presets of one slice: the modality's own, and those that follow from the pixels.
 * @param {string} modality
 * @param {import('./block.js').Slice} slice
 * @returns {{name: string, centre: number, width: number}[]}
 */
export function presets(modality, slice) {
  const fixed = (/** @type {any} */ (PRESETS)[modality] ?? []).map((/** @type {any[]} */ [name, centre, width]) => ({ name, centre, width }));
  const { centre, width } = slice;
  const range = fullRange(slice);
  const derived = [{ name: 'as sent', centre, width }, { name: 'full range', ...range }];
  if (modality === 'CT') return [...derived, ...fixed];
  return [...derived,
    { name: 'narrow', centre, width: width / 2 },
    { name: 'dark half', centre: centre - width / 4, width: width / 2 },
    { name: 'bright half', centre: centre + width / 4, width: width / 2 }];
}

/** @param {import('./block.js').Slice} slice */
function fullRange({ data, slope, intercept }) {
  let low = 65535;
  let high = 0;
  for (let i = 0; i < data.length; i++) { const v = data[i]; if (v < low) low = v; if (v > high) high = v; }
  const width = Math.max(1, (high - low) * Math.abs(slope) + 1);
  return { centre: ((low + high) / 2) * slope + intercept + 0.5, width };
}
