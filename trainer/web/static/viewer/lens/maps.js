// @ts-check
// Lenses that give a picture of the whole film. Definitions: trainer/imaging/lenses.py; a test holds the two together.

/** @typedef {{w: number, h: number, data: Uint16Array}} Film */

/**
 * Sums, and sums of squares, over the (2k+1) x (2k+1) neighbourhood that lies on the film, one row at a time. `share` is
 * one over the number of pixels in it.
 * @param {Uint16Array|Float32Array} src @param {number} w @param {number} h @param {number} k
 * @param {(y: number, sum: Float64Array, share: Float64Array, squares: Float64Array) => void} emit
 * @param {boolean} [squared] whether the squares are wanted
 */
export function neighbourhoods(src, w, h, k, emit, squared = true) {
  const column = new Float64Array(w);
  const column2 = new Float64Array(w);
  const sum = new Float64Array(w);
  const squares = new Float64Array(w);
  const share = new Float64Array(w);
  const none = src instanceof Float32Array ? new Float32Array(w) : new Uint16Array(w);
  let rows = 0;
  for (let y = -k; y < h; y++) {
    // The window moves down: one row comes in below, one goes out above.
    const inside = y + k < h ? src.subarray((y + k) * w, (y + k + 1) * w) : none;
    const outside = y - k - 1 >= 0 ? src.subarray((y - k - 1) * w, (y - k) * w) : none;
    if (squared) slide2(column, column2, inside, outside, w);
    else for (let x = 0; x < w; x++) column[x] += inside[x] - outside[x];
    if (y < 0) continue;
    const now = Math.min(h - 1, y + k) - Math.max(0, y - k) + 1;
    if (now !== rows) {
      rows = now;
      for (let x = 0; x < w; x++) share[x] = 1 / (rows * (Math.min(w - 1, x + k) - Math.max(0, x - k) + 1));
    }
    across(column, sum, w, k);
    if (squared) across(column2, squares, w, k);
    emit(y, sum, share, squares);
  }
}

/** @param {Float64Array} column @param {Float64Array} column2 @param {Uint16Array|Float32Array} inside @param {Uint16Array|Float32Array} outside @param {number} w */
function slide2(column, column2, inside, outside, w) {
  for (let x = 0; x < w; x++) {
    const a = inside[x];
    const b = outside[x];
    column[x] += a - b;
    column2[x] += a * a - b * b;
  }
}

/** Running sums of 2k+1 columns. @param {Float64Array} column @param {Float64Array} out @param {number} w @param {number} k */
function across(column, out, w, k) {
  let s = 0;
  for (let x = 0; x < Math.min(k, w); x++) s += column[x];
  let x = 0;
  for (; x <= k && x < w; x++) { if (x + k < w) s += column[x + k]; out[x] = s; }
  for (; x + k < w; x++) { s += column[x + k] - column[x - k - 1]; out[x] = s; }
  for (; x < w; x++) { s -= column[x - k - 1]; out[x] = s; }
}

/** What is finer than a few pixels: the film minus its local mean. @param {Film} film @param {number} [k] */
export function detail({ w, h, data }, k = 2) {
  const out = new Float32Array(w * h);
  neighbourhoods(data, w, h, k, (y, sum, share) => {
    for (let x = 0, i = y * w; x < w; x++, i++) out[i] = data[i] - sum[x] * share[x];
  }, false);
  return out;
}

/** Local SD of the high-pass residual. @param {Film} film @param {number} [k] */
export function noise(film, k = 7) {
  const { w, h } = film;
  const residual = detail(film, 1);
  const out = new Float32Array(w * h);
  neighbourhoods(residual, w, h, k, (y, sum, share, squares) => {
    for (let x = 0, i = y * w; x < w; x++, i++) {
      const mean = sum[x] * share[x];
      const variance = squares[x] * share[x] - mean * mean;
      out[i] = variance > 0 ? Math.sqrt(variance) : 0;
    }
  });
  return out;
}

const BINS = 64;
const FEW = 16;
const GRID = 4;
const LIMIT = 3;

/** How many doublings smoother a place is than the median of places of its own brightness. @param {Film} film @param {number} [k] */
export function smoothness(film, k = 7) {
  const { w, h, data } = film;
  const sd = noise(film, k);
  const mean = new Float32Array(w * h);
  neighbourhoods(data, w, h, k, (y, sum, share) => {
    for (let x = 0, i = y * w; x < w; x++, i++) mean[i] = sum[x] * share[x];
  }, false);
  const { centres, medians } = expected(mean, sd, w, h);
  const out = mean;
  for (let i = 0; i < out.length; i++) {
    const v = Math.log2((interpolate(mean[i], centres, medians) + 0.5) / (sd[i] + 0.5));
    out[i] = v < -LIMIT ? -LIMIT : v > LIMIT ? LIMIT : v;
  }
  return out;
}

/** Median SD for each of 64 brightness classes, read on every fourth pixel. @param {Float32Array} mean @param {Float32Array} sd @param {number} w @param {number} h */
function expected(mean, sd, w, h) {
  let low = Infinity;
  let high = -Infinity;
  const grid = [];
  for (let y = 0; y < h; y += GRID) {
    for (let x = 0; x < w; x += GRID) {
      const i = y * w + x;
      grid.push(i);
      if (mean[i] < low) low = mean[i];
      if (mean[i] > high) high = mean[i];
    }
  }
  const step = (high - low) / BINS || 1;
  /** @type {number[][]} */
  const classes = Array.from({ length: BINS }, () => []);
  for (const i of grid) classes[Math.min(BINS - 1, Math.floor((mean[i] - low) / step))].push(sd[i]);
  const all = median(grid.map((i) => sd[i]));
  return {
    centres: classes.map((_, b) => low + (b + 0.5) * step),
    medians: classes.map((values) => (values.length < FEW ? all : median(values))),
  };
}

/** @param {number[]} values */
function median(values) {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  return n % 2 ? sorted[(n - 1) / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/** @param {number} v @param {number[]} xs evenly spaced @param {number[]} ys */
function interpolate(v, xs, ys) {
  const t = (v - xs[0]) / (xs[1] - xs[0]);
  if (!(t > 0)) return ys[0];
  if (t >= xs.length - 1) return ys[xs.length - 1];
  const i = Math.floor(t);
  return ys[i] + (ys[i + 1] - ys[i]) * (t - i);
}

/** Every place stretched to the same local contrast. @param {Film} film @param {number} [k] */
export function amplify({ w, h, data }, k = 12) {
  const out = new Float32Array(w * h);
  neighbourhoods(data, w, h, k, (y, sum, share, squares) => {
    for (let x = 0, i = y * w; x < w; x++, i++) {
      const mean = sum[x] * share[x];
      const v = (data[i] - mean) / (Math.sqrt(Math.max(0, squares[x] * share[x] - mean * mean)) + 1);
      out[i] = v < -4 ? -4 : v > 4 ? 4 : v;
    }
  });
  return out;
}

/** The film laid on its mirror image. @param {Film} film @param {number} axis column of the mirror, in halves */
export function mirror(film, axis) { return mirrored(film, axis, (a, b) => (a + b) / 2, (a) => a); }

/** The film minus its mirror image; 0 where the mirror falls off the film. @param {Film} film @param {number} axis */
export function asymmetry(film, axis) { return mirrored(film, axis, (a, b) => a - b, () => 0); }

/** @param {Film} film @param {number} axis @param {(a: number, b: number) => number} both @param {(a: number) => number} alone */
function mirrored({ w, h, data }, axis, both, alone) {
  const out = new Float32Array(w * h);
  const twice = Math.round(2 * axis);
  for (let y = 0, i = 0; y < h; y++) {
    for (let x = 0; x < w; x++, i++) {
      const other = twice - x;
      out[i] = other >= 0 && other < w ? both(data[i], data[y * w + other]) : alone(data[i]);
    }
  }
  return out;
}
