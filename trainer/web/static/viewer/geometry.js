// @ts-check
// From film pixels to canvas pixels and back. (0, 0) is the centre of the top left film pixel.

/**
 * Where a pane looks. `zoom` is canvas pixels per film pixel along the finer axis; (cx, cy) is the film point in the
 * middle of the canvas; `turn` counts clockwise quarter turns, after the flip.
 * @typedef {{zoom: number, cx: number, cy: number, turn: number, flip: boolean}} View
 * @typedef {{w: number, h: number, rowMm: number, columnMm: number}} Size
 * @typedef {{a: number, b: number, c: number, d: number, e: number, f: number}} Matrix canvas = (a x + c y + e, b x + d y + f)
 */

export const SMALLEST_ZOOM = 0.02;
export const LARGEST_ZOOM = 32;

/** Canvas pixels per film pixel along x and y at zoom 1: a film with oblong pixels keeps its shape. @param {Size} s */
export function aspect({ rowMm, columnMm }) {
  const finer = Math.min(rowMm, columnMm);
  return { x: columnMm / finer, y: rowMm / finer };
}

/**
 * @param {View} view @param {Size} size @param {number} W canvas width @param {number} H
 * @returns {Matrix}
 */
export function matrix(view, size, W, H) {
  const k = aspect(size);
  const sx = view.zoom * k.x * (view.flip ? -1 : 1);
  const sy = view.zoom * k.y;
  const [cos, sin] = [[1, 0], [0, 1], [-1, 0], [0, -1]][view.turn & 3];
  const m = { a: cos * sx, b: sin * sx, c: -sin * sy, d: cos * sy, e: 0, f: 0 };
  m.e = W / 2 - m.a * view.cx - m.c * view.cy;
  m.f = H / 2 - m.b * view.cx - m.d * view.cy;
  m.e = snap(m.e, m.a + m.c);
  m.f = snap(m.f, m.b + m.d);
  return m;
}

/** At whole-number zoom, film pixel edges fall on canvas pixel edges: 1:1 is exactly the pixels. @param {number} offset @param {number} scale */
function snap(offset, scale) {
  if (!Number.isInteger(scale)) return offset;
  return Math.round(offset - scale / 2) + scale / 2;
}

/** @param {Matrix} m @param {number} x @param {number} y @returns {[number, number]} */
export function toCanvas(m, x, y) {
  return [m.a * x + m.c * y + m.e, m.b * x + m.d * y + m.f];
}

/** @param {Matrix} m @param {number} X @param {number} Y @returns {[number, number]} */
export function toFilm(m, X, Y) {
  const det = m.a * m.d - m.b * m.c;
  const p = X - m.e;
  const q = Y - m.f;
  return [(m.d * p - m.c * q) / det, (m.a * q - m.b * p) / det];
}

/** The view in which the whole film is seen. @param {Size} size @param {number} W @param {number} H @param {Partial<View>} [keep] @returns {View} */
export function fit(size, W, H, { turn = 0, flip = false } = {}) {
  const k = aspect(size);
  const [w, h] = turn & 1 ? [size.h * k.y, size.w * k.x] : [size.w * k.x, size.h * k.y];
  return { zoom: clampZoom(Math.min(W / w, H / h)), cx: (size.w - 1) / 2, cy: (size.h - 1) / 2, turn, flip };
}

/** @param {number} zoom */
export const clampZoom = (zoom) => Math.max(SMALLEST_ZOOM, Math.min(LARGEST_ZOOM, zoom));

/**
 * Zoom so that the film point under (X, Y) stays there.
 * @param {View} view @param {Size} size @param {number} W @param {number} H @param {number} zoom @param {number} X @param {number} Y
 * @returns {View}
 */
export function zoomAbout(view, size, W, H, zoom, X, Y) {
  const [x, y] = toFilm(matrix(view, size, W, H), X, Y);
  const next = { ...view, zoom: clampZoom(zoom) };
  const [x2, y2] = toFilm(matrix(next, size, W, H), X, Y);
  return keepInside({ ...next, cx: next.cx + x - x2, cy: next.cy + y - y2 }, size);
}

/** Shift by canvas pixels. @param {View} view @param {Size} size @param {number} dx @param {number} dy @returns {View} */
export function pan(view, size, dx, dy) {
  const m = matrix({ ...view, cx: 0, cy: 0 }, size, 0, 0);
  const [x, y] = toFilm({ ...m, e: 0, f: 0 }, dx, dy);
  return keepInside({ ...view, cx: view.cx - x, cy: view.cy - y }, size);
}

/** The middle of the canvas never leaves the film. @param {View} view @param {Size} size @returns {View} */
function keepInside(view, size) {
  return { ...view, cx: Math.max(0, Math.min(size.w - 1, view.cx)), cy: Math.max(0, Math.min(size.h - 1, view.cy)) };
}

/** Say a place in words, thirds of the picture as it hangs. @param {number} u 0 left to 1 right @param {number} v 0 top to 1 bottom */
export function placeName(u, v) {
  const row = v < 1 / 3 ? 'upper' : v < 2 / 3 ? 'middle' : 'lower';
  const column = u < 1 / 3 ? 'left' : u < 2 / 3 ? 'centre' : 'right';
  return row === 'middle' && column === 'centre' ? 'the centre' : `${row} ${column}`;
}
