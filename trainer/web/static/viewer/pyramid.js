// @ts-check
// Halved copies of a film, each pixel the mean of four: minified grain must not alias, it is evidence. A copy is halved
// when it is first looked at and goes with its slice.

/** @typedef {{w: number, h: number, data: Uint16Array}} Level */

const SMALLEST = 64;

/** @type {WeakMap<Level, Level[]>} */
const halved = new WeakMap();

/** @param {Level} film @param {number} n 0 is the film itself @returns {Level} */
export function levelOf(film, n) {
  const levels = halved.get(film) ?? [film];
  halved.set(film, levels);
  while (levels.length <= n) levels.push(halve(levels[levels.length - 1]));
  return levels[n];
}

/** @param {Level} film @returns {Level} */
function halve({ w, h, data }) {
  const W = w >> 1;
  const H = h >> 1;
  const half = new Uint16Array(W * H);
  for (let y = 0, o = 0; y < H; y++) {
    for (let x = 0, i = 2 * y * w; x < W; x++, i += 2) {
      half[o++] = (data[i] + data[i + 1] + data[i + w] + data[i + w + 1] + 2) >> 2;
    }
  }
  return { w: W, h: H, data: half };
}

/**
 * The level that still has about a pixel for each canvas pixel.
 * @param {Level} film @param {number} scale canvas pixels per film pixel
 */
export function pick({ w, h }, scale) {
  const most = Math.max(0, Math.floor(Math.log2(Math.min(w, h) / SMALLEST)));
  return Math.max(0, Math.min(most, Math.floor(Math.log2(1 / Math.max(scale, 1e-6)) + 0.25)));
}
