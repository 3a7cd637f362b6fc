// @ts-check
// Halved copies of a film, each pixel the mean of four: minified grain must not alias, it is evidence.

/** @typedef {{w: number, h: number, data: Uint16Array}} Level */

/**
 * @param {Level} base
 * @param {number} [smallest] stop before a side would fall below this
 * @returns {Level[]} from full size down
 */
export function pyramid(base, smallest = 128) {
  const levels = [base];
  let { w, h, data } = base;
  while (Math.min(w, h) >= 2 * smallest) {
    const W = w >> 1;
    const H = h >> 1;
    const half = new Uint16Array(W * H);
    for (let y = 0, o = 0; y < H; y++) {
      for (let x = 0, i = 2 * y * w; x < W; x++, i += 2) {
        half[o++] = (data[i] + data[i + 1] + data[i + w] + data[i + w + 1] + 2) >> 2;
      }
    }
    levels.push({ w: W, h: H, data: half });
    [w, h, data] = [W, H, half];
  }
  return levels;
}

/**
 * The smallest level that still has about a pixel for each canvas pixel.
 * @param {number} count how many levels there are
 * @param {number} scale canvas pixels per film pixel, the larger axis
 */
export function pick(count, scale) {
  return Math.max(0, Math.min(count - 1, Math.floor(Math.log2(1 / Math.max(scale, 1e-6)) + 0.25)));
}
