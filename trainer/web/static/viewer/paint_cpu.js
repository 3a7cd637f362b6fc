// @ts-check
// The canvas renderer: sample once for a place, shade for each window. It runs everywhere.
import { levelOf, pick } from './pyramid.js';

/** @typedef {import('./pyramid.js').Level} Level */
/** @typedef {import('./block.js').Slice} Slice */
/** @typedef {import('./geometry.js').Matrix} Matrix */
/**
 * One picture to draw between canvas columns `from` and `to`; `table` gives the grey of each stored value.
 * @typedef {{slice: Slice, table: Uint8Array, from: number, to: number}} Layer
 * @typedef {{layers: Layer[], m: Matrix, smooth: boolean}} Scene
 */

const BLACK = 0xff000000;
/** A canvas pixel this near the film's edge counts as outside, in both renderers whatever their rounding. */
const EDGE = 1e-3;

export class CpuPainter {
  kind = 'cpu';

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
    /** @type {ImageData|null} */
    this.image = null;
    this.out = new Uint32Array(0);
    this.shades = new Uint32Array(65536);
    /** @type {Sampled[]} */
    this.samples = [];
  }

  /** @param {Scene} scene */
  draw(scene) {
    const { width: W, height: H } = this.canvas;
    if (!this.image || this.image.width !== W || this.image.height !== H) {
      this.image = this.context.createImageData(W, H);
      this.out = new Uint32Array(this.image.data.buffer);
    }
    const { out } = this;
    this.samples.length = scene.layers.length;
    scene.layers.forEach((layer, i) => {
      this.samples[i] = sample(layer.slice, scene.m, scene.smooth, W, H, this.samples[i]);
      this.#shade(out, this.samples[i], layer, W, H);
    });
    this.context.putImageData(this.image, 0, 0);
  }

  /** @param {Uint32Array} out @param {Sampled} s @param {Layer} layer @param {number} W @param {number} H */
  #shade(out, s, layer, W, H) {
    const { shades } = this;
    for (let v = 0; v < 65536; v++) shades[v] = BLACK | (layer.table[v] * 0x010101);
    const from = Math.max(0, Math.round(layer.from));
    const to = Math.min(W, Math.round(layer.to));
    const left = Math.max(from, Math.min(s.left, to));
    const right = Math.max(left, Math.min(s.right, to));
    for (let Y = 0; Y < H; Y++) {
      const row = Y * W;
      if (Y < s.top || Y >= s.bottom) { out.fill(BLACK, row + from, row + to); continue; }
      out.fill(BLACK, row + from, row + left);
      for (let i = row + left, end = row + right; i < end; i++) out[i] = shades[s.values[i]];
      out.fill(BLACK, row + right, row + to);
    }
  }

  destroy() { this.samples = []; }
}

/**
 * Stored values at every canvas pixel, and the rectangle of canvas that the film covers.
 * @typedef {{key: string, slice: Level, values: Uint16Array, left: number, right: number, top: number, bottom: number}} Sampled
 */

/**
 * @param {Level} slice @param {Matrix} m @param {boolean} smooth @param {number} W @param {number} H
 * @param {Sampled} [old] used again when nothing moved
 * @returns {Sampled}
 */
export function sample(slice, m, smooth, W, H, old) {
  const key = [m.a, m.b, m.c, m.d, m.e, m.f, smooth, W, H].join();
  if (old && old.key === key && old.slice === slice) return old;
  const { w, h } = slice;
  const turned = m.a === 0;
  const n = pick(slice, Math.max(Math.abs(m.a + m.c), Math.abs(m.b + m.d)));
  const level = levelOf(slice, n);
  const along = turned ? { count: h, side: level.h, stride: level.w } : { count: w, side: level.w, stride: 1 };
  const across = turned ? { count: w, side: level.w, stride: 1 } : { count: h, side: level.h, stride: level.w };
  const x = axis(W, m.a + m.c, m.e, along, n, smooth);
  const y = axis(H, m.b + m.d, m.f, across, n, smooth);
  const values = old && old.values.length === W * H ? old.values : new Uint16Array(W * H);
  if (smooth && !(x.exact && y.exact)) blend(values, level.data, x, y, W);
  else copy(values, level.data, x, y, W);
  return { key, slice, values, left: x.first, right: x.last, top: y.first, bottom: y.last };
}

/**
 * For each canvas pixel along one axis: offsets of its two neighbours in the level, and the weight of the second.
 * @param {number} length @param {number} scale @param {number} offset
 * @param {{count: number, side: number, stride: number}} film @param {number} n level @param {boolean} smooth
 */
function axis(length, scale, offset, film, n, smooth) {
  const low = new Int32Array(length);
  const high = new Int32Array(length);
  const weight = new Float32Array(length);
  let first = length;
  let last = 0;
  let exact = true;
  for (let i = 0; i < length; i++) {
    const p = (i + 0.5 - offset) / scale;
    if (p < EDGE - 0.5 || p >= film.count - 0.5 - EDGE) continue;
    first = Math.min(first, i);
    last = i + 1;
    const q = Math.max(0, Math.min(film.side - 1, (p + 0.5) / 2 ** n - 0.5));
    const k = smooth ? Math.floor(q) : Math.min(film.side - 1, Math.floor(q + 0.5));
    low[i] = k * film.stride;
    high[i] = Math.min(film.side - 1, k + 1) * film.stride;
    weight[i] = smooth ? q - k : 0;
    if (weight[i] > 1e-6) exact = false;
  }
  return { low, high, weight, first, last, exact };
}

/** @typedef {ReturnType<typeof axis>} Axis */

/** @param {Uint16Array} values @param {Uint16Array} data @param {Axis} x @param {Axis} y @param {number} W */
function copy(values, data, x, y, W) {
  for (let Y = y.first; Y < y.last; Y++) {
    const row = y.low[Y];
    for (let X = x.first, i = Y * W + X; X < x.last; X++) values[i++] = data[row + x.low[X]];
  }
}

/** @param {Uint16Array} values @param {Uint16Array} data @param {Axis} x @param {Axis} y @param {number} W */
function blend(values, data, x, y, W) {
  const { low, high, weight } = x;
  for (let Y = y.first; Y < y.last; Y++) {
    const r0 = y.low[Y];
    const r1 = y.high[Y];
    const v = y.weight[Y];
    for (let X = x.first, i = Y * W + X; X < x.last; X++) {
      const l = low[X];
      const h = high[X];
      const u = weight[X];
      const a = data[r0 + l] + (data[r0 + h] - data[r0 + l]) * u;
      const b = data[r1 + l] + (data[r1 + h] - data[r1 + l]) * u;
      values[i++] = a + (b - a) * v + 0.5;
    }
  }
}
