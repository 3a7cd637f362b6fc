// @ts-check
// A mask as runs of pixels, [start, length, ...], row by row: what the server keeps (imaging/runs.py is the same).

/** @param {Uint8Array} mask @returns {number[]} */
export function runsOf(mask) {
  const runs = [];
  let at = mask.indexOf(1);
  while (at >= 0) {
    let end = mask.indexOf(0, at);
    if (end < 0) end = mask.length;
    runs.push(at, end - at);
    at = mask.indexOf(1, end);
  }
  return runs;
}

/** @param {number[]} runs @param {number} size @returns {Uint8Array} */
export function unrun(runs, size) {
  const mask = new Uint8Array(size);
  for (let i = 0; i < runs.length; i += 2) mask.fill(1, runs[i], runs[i] + runs[i + 1]);
  return mask;
}
