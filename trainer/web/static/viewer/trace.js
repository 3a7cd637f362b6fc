// @ts-check
// From a mask or a twin to what can be shown: outlines, and the picture of the difference.

/**
 * The film minus its twin, with zero in the middle of the grey scale; its window spans the largest difference.
 * @param {import('./block.js').Slice} film @param {import('./block.js').Slice} twin
 * @returns {import('./block.js').Slice}
 */
export function difference(film, twin) {
  const data = new Uint16Array(film.data.length);
  let most = 0;
  for (let i = 0; i < data.length; i++) most = Math.max(most, Math.abs(film.data[i] - twin.data[i]));
  const scale = most > 32767 ? 0.5 : 1;
  for (let i = 0; i < data.length; i++) data[i] = 32768 + Math.trunc((film.data[i] - twin.data[i]) * scale);
  const slope = film.slope / scale;
  const span = 2 * Math.max(most, 1) * Math.abs(film.slope);
  return { ...film, data, slope, intercept: -32768 * slope, centre: 0, width: span };
}

/**
 * Outlines of the non-zero regions of a mask: the pixel edges walked clockwise, corners only.
 * @param {{w: number, h: number, data: Uint16Array}} mask
 * @returns {[number, number][][]} in native pixels, so edges lie at halves
 */
export function trace({ w, h, data }) {
  const inside = (/** @type {number} */ x, /** @type {number} */ y) => x >= 0 && y >= 0 && x < w && y < h && data[y * w + x] > 0;
  // Each directed edge of a region keeps the region on its right hand; loops are followed start to start.
  /** @type {Map<number, number[]>} */
  const out = new Map();
  const W = w + 1;
  const edge = (/** @type {number} */ from, /** @type {number} */ to) => { const list = out.get(from); if (list) list.push(to); else out.set(from, [to]); };
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      if (!data[y * w + x]) continue;
      const p = y * W + x;
      if (!inside(x, y - 1)) edge(p, p + 1);
      if (!inside(x + 1, y)) edge(p + 1, p + 1 + W);
      if (!inside(x, y + 1)) edge(p + 1 + W, p + W);
      if (!inside(x - 1, y)) edge(p + W, p);
    }
  }
  const loops = [];
  while (out.size) {
    const start = /** @type {number} */ (out.keys().next().value);
    loops.push(follow(out, start, W));
  }
  return loops;
}

/** @param {Map<number, number[]>} out @param {number} start @param {number} W @returns {[number, number][]} */
function follow(out, start, W) {
  /** @type {[number, number][]} */
  const corners = [];
  let at = start;
  let direction = 0;
  let begun = 0;
  do {
    const ways = /** @type {number[]} */ (out.get(at));
    const next = /** @type {number} */ (ways.pop());
    if (!ways.length) out.delete(at);
    if (next - at !== direction) corners.push([(at % W) - 0.5, Math.floor(at / W) - 0.5]);
    direction = next - at;
    begun ||= direction;
    at = next;
  } while (at !== start);
  if (begun === direction) corners.shift();
  return corners;
}
