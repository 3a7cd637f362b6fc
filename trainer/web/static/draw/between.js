// @ts-check
// The shape between two shapes: their signed distances are mixed, each shape moved to the middle's place first.
// Raya SP, Udupa JK (1990) IEEE Trans Med Imaging 9:32-42. Distances: Felzenszwalb PF, Huttenlocher DP (2012)
// Theory of Computing 8:415-428.

const FAR = 1e9;

/**
 * @param {Uint8Array} a @param {Uint8Array} b masks of one size, neither empty @param {number} w @param {number} h
 * @param {number} t 0 is a, 1 is b @returns {Uint8Array}
 */
export function between(a, b, w, h, t) {
  const [p, q] = [frame(a, w, h), frame(b, w, h)];
  const cx = (1 - t) * p.cx + t * q.cx;
  const cy = (1 - t) * p.cy + t * q.cy;
  const [dp, dq] = [signed(a, w, p), signed(b, w, q)];
  const out = new Uint8Array(w * h);
  const rx = Math.max(p.x1 - p.cx, p.cx - p.x0, q.x1 - q.cx, q.cx - q.x0) + 1;
  const ry = Math.max(p.y1 - p.cy, p.cy - p.y0, q.y1 - q.cy, q.cy - q.y0) + 1;
  for (let y = Math.max(0, Math.floor(cy - ry)); y <= Math.min(h - 1, Math.ceil(cy + ry)); y++) {
    for (let x = Math.max(0, Math.floor(cx - rx)); x <= Math.min(w - 1, Math.ceil(cx + rx)); x++) {
      const inA = look(dp, p, Math.round(x - cx + p.cx), Math.round(y - cy + p.cy));
      const inB = look(dq, q, Math.round(x - cx + q.cx), Math.round(y - cy + q.cy));
      if ((1 - t) * inA + t * inB > 0) out[y * w + x] = 1;
    }
  }
  return out;
}

/** Box round a mask, and its centroid. @param {Uint8Array} mask @param {number} w @param {number} h */
function frame(mask, w, h) {
  let [x0, y0, x1, y1, sx, sy, n] = [w, h, -1, -1, 0, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    const x = i % w;
    const y = (i - x) / w;
    x0 = Math.min(x0, x);
    x1 = Math.max(x1, x);
    y0 = Math.min(y0, y);
    y1 = Math.max(y1, y);
    sx += x;
    sy += y;
    n++;
  }
  return { x0, y0, x1, y1, cx: sx / n, cy: sy / n };
}

/** @typedef {ReturnType<typeof frame>} Frame */

/** Distance to the border, positive inside, on the box and one pixel round it. @param {Uint8Array} mask @param {number} w @param {Frame} f */
function signed(mask, w, f) {
  const W = f.x1 - f.x0 + 3;
  const H = f.y1 - f.y0 + 3;
  const inside = new Float64Array(W * H);
  const outside = new Float64Array(W * H);
  for (let y = 0; y < H; y++) {
    for (let x = 0; x < W; x++) {
      const edge = !x || !y || x === W - 1 || y === H - 1;
      const on = !edge && mask[(y + f.y0 - 1) * w + x + f.x0 - 1];
      inside[y * W + x] = on ? FAR : 0;
      outside[y * W + x] = on ? 0 : FAR;
    }
  }
  spread(inside, W, H);
  spread(outside, W, H);
  return inside.map((d, i) => (d ? Math.sqrt(d) - 0.5 : 0.5 - Math.sqrt(outside[i])));
}

/** The signed distance at a place, or further out the distance to the box. @param {Float64Array} d @param {Frame} f @param {number} x @param {number} y */
function look(d, f, x, y) {
  const W = f.x1 - f.x0 + 3;
  const H = f.y1 - f.y0 + 3;
  const u = x - f.x0 + 1;
  const v = y - f.y0 + 1;
  const cu = Math.max(0, Math.min(W - 1, u));
  const cv = Math.max(0, Math.min(H - 1, v));
  return d[cv * W + cu] - Math.hypot(u - cu, v - cv);
}

/** Squared distances, in place: rows, then columns. @param {Float64Array} grid @param {number} W @param {number} H */
function spread(grid, W, H) {
  for (let y = 0; y < H; y++) row(grid, y * W, 1, W);
  for (let x = 0; x < W; x++) row(grid, x, W, H);
}

/** Lower envelope of parabolas along one line. @param {Float64Array} grid @param {number} from @param {number} step @param {number} n */
function row(grid, from, step, n) {
  const f = Float64Array.from({ length: n }, (_, i) => grid[from + i * step]);
  const v = new Int32Array(n);
  const z = new Float64Array(n + 1);
  let k = 0;
  z[0] = -Infinity;
  z[1] = Infinity;
  for (let q = 1; q < n; q++) {
    let s = meet(f, q, v[k]);
    while (s <= z[k]) s = meet(f, q, v[--k]);
    v[++k] = q;
    z[k] = s;
    z[k + 1] = Infinity;
  }
  k = 0;
  for (let q = 0; q < n; q++) {
    while (z[k + 1] < q) k++;
    grid[from + q * step] = (q - v[k]) ** 2 + f[v[k]];
  }
}

/** @param {Float64Array} f @param {number} q @param {number} p */
const meet = (f, q, p) => (f[q] + q * q - f[p] - p * p) / (2 * q - 2 * p);
