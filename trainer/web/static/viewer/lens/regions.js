// @ts-check
// Lenses that read a part of the film: numbers of a box or ellipse, a profile, a histogram, a spectrum.

/** @typedef {import('./maps.js').Film} Film */
/** @typedef {{kind: 'box'|'ellipse', points: [number, number][]}} Region two opposite corners */
/** @typedef {{count: number, mean: number, sd: number, min: number, max: number}} Numbers of stored values; sd divides by n - 1 */

/**
 * Call `each` with the index of every pixel whose centre lies in the region, border included.
 * @param {Film} film @param {Region} region @param {(i: number) => void} each
 */
function inside({ w, h }, { kind, points: [[xa, ya], [xb, yb]] }, each) {
  const [x0, x1] = [Math.min(xa, xb), Math.max(xa, xb)];
  const [y0, y1] = [Math.min(ya, yb), Math.max(ya, yb)];
  const [cx, cy, rx, ry] = [(x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2];
  for (let y = Math.max(0, Math.ceil(y0)); y <= Math.min(h - 1, y1); y++) {
    for (let x = Math.max(0, Math.ceil(x0)); x <= Math.min(w - 1, x1); x++) {
      if (kind === 'ellipse' && ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 > 1) continue;
      each(y * w + x);
    }
  }
}

/** @param {Film} film @param {Region} region @returns {Numbers} */
export function numbers(film, region) {
  let [count, total, min, max] = [0, 0, Infinity, -Infinity];
  inside(film, region, (i) => {
    const v = film.data[i];
    count++;
    total += v;
    if (v < min) min = v;
    if (v > max) max = v;
  });
  if (!count) return { count, mean: NaN, sd: NaN, min: NaN, max: NaN };
  const mean = total / count;
  let squares = 0;
  inside(film, region, (i) => { squares += (film.data[i] - mean) ** 2; });
  return { count, mean, sd: count > 1 ? Math.sqrt(squares / (count - 1)) : NaN, min, max };
}

/** Counts of stored values in `bins` equal classes from the smallest to the largest, the last one closed. @param {Film} film @param {Region|null} region @param {number} [bins] */
export function histogram(film, region, bins = 128) {
  const all = region ?? { kind: /** @type {const} */ ('box'), points: /** @type {[number, number][]} */ ([[0, 0], [film.w - 1, film.h - 1]]) };
  const tally = new Uint32Array(65536);
  let [low, high] = [65535, 0];
  inside(film, all, (i) => {
    const v = film.data[i];
    tally[v]++;
    if (v < low) low = v;
    if (v > high) high = v;
  });
  if (low > high) return { low: 0, high: 0, counts: new Float64Array(bins) };
  if (low === high) { low -= 0.5; high += 0.5; } // as numpy.histogram does
  const counts = new Float64Array(bins);
  for (let v = Math.ceil(low); v <= high; v++) counts[Math.min(bins - 1, Math.floor(((v - low) / (high - low)) * bins))] += tally[v];
  return { low, high, counts };
}

/** Values along a line, one every pixel of its length, linear between pixels. @param {Film} film @param {[number, number][]} points */
export function profile({ w, h, data }, [[xa, ya], [xb, yb]]) {
  const length = Math.hypot(xb - xa, yb - ya);
  const n = Math.max(2, Math.round(length) + 1);
  const values = Float64Array.from({ length: n }, (_, k) => {
    const t = k / (n - 1);
    const x = Math.max(0, Math.min(w - 1, xa + (xb - xa) * t));
    const y = Math.max(0, Math.min(h - 1, ya + (yb - ya) * t));
    const [i, j] = [Math.min(w - 2, Math.floor(x)), Math.min(h - 2, Math.floor(y))];
    const [u, v] = [x - i, y - j];
    const at = j * w + i;
    return (data[at] * (1 - u) + data[at + 1] * u) * (1 - v) + (data[at + w] * (1 - u) + data[at + w + 1] * u) * v;
  });
  return { length, values };
}

/**
 * Power spectrum of a square: mean removed, Hann window, |F|^2 with zero frequency in the middle; its mean on rings one
 * step wide; and the peak that stands out most from its ring, in cycles per pixel.
 * @param {Film} film @param {number} cx @param {number} cy @param {number} [size] a power of two
 */
export function spectrum(film, cx, cy, size = 128) {
  let n = size;
  while (n > Math.min(film.w, film.h)) n /= 2;
  const x0 = Math.max(0, Math.min(film.w - n, Math.round(cx) - n / 2));
  const y0 = Math.max(0, Math.min(film.h - n, Math.round(cy) - n / 2));
  const power = powerOf(film, x0, y0, n);
  const half = n / 2;
  const ring = new Float64Array(half + 1);
  const members = new Float64Array(half + 1);
  const radius = (/** @type {number} */ i) => Math.round(Math.hypot((i % n) - half, Math.floor(i / n) - half));
  power.forEach((p, i) => { const r = radius(i); if (r <= half) { ring[r] += p; members[r]++; } });
  for (let r = 0; r <= half; r++) ring[r] /= members[r];
  let peak = { fx: 0, fy: 0, ratio: 0 };
  power.forEach((p, i) => {
    const r = radius(i);
    if (r < 4 || r > half || i >= half * n + half) return; // the other half is the same
    const ratio = ring[r] ? p / ring[r] : 0;
    if (ratio > peak.ratio) peak = { fx: ((i % n) - half) / n, fy: (Math.floor(i / n) - half) / n, ratio };
  });
  return { x0, y0, n, power, ring, peak };
}

/** @param {Film} film @param {number} x0 @param {number} y0 @param {number} n */
function powerOf({ w, data }, x0, y0, n) {
  const re = new Float64Array(n * n);
  const im = new Float64Array(n * n);
  let mean = 0;
  for (let y = 0; y < n; y++) for (let x = 0; x < n; x++) mean += data[(y0 + y) * w + x0 + x] / (n * n);
  const hann = Float64Array.from({ length: n }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / n));
  for (let y = 0; y < n; y++) for (let x = 0; x < n; x++) re[y * n + x] = (data[(y0 + y) * w + x0 + x] - mean) * hann[x] * hann[y];
  for (let y = 0; y < n; y++) fft(re, im, n, y * n, 1);
  for (let x = 0; x < n; x++) fft(re, im, n, x, n);
  const power = new Float64Array(n * n);
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const i = ((y + n / 2) % n) * n + ((x + n / 2) % n);
      power[i] = re[y * n + x] ** 2 + im[y * n + x] ** 2;
    }
  }
  return power;
}

/** Radix-2 transform in place of n values, `stride` apart from `start`. @param {Float64Array} re @param {Float64Array} im @param {number} n @param {number} start @param {number} stride */
function fft(re, im, n, start, stride) {
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      const [p, q] = [start + i * stride, start + j * stride];
      [re[p], re[q]] = [re[q], re[p]];
      [im[p], im[q]] = [im[q], im[p]];
    }
  }
  for (let len = 2; len <= n; len <<= 1) {
    for (let k = 0; k < len / 2; k++) {
      const angle = (-2 * Math.PI * k) / len;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let i = k; i < n; i += len) {
        const [p, q] = [start + i * stride, start + (i + len / 2) * stride];
        const [a, b] = [re[q] * c - im[q] * s, re[q] * s + im[q] * c];
        re[q] = re[p] - a;
        im[q] = im[p] - b;
        re[p] += a;
        im[p] += b;
      }
    }
  }
}
