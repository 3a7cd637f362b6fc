// @ts-check
// The truth after the call: outlines, the twin, and the five ways to lay the two beside each other.
import { load } from './block.js';

/**
 * @typedef {{points: [number, number][], z: number, label?: string}} Region
 * @typedef {object} TruthGiven
 * @property {({points: [number, number][], z?: number, label?: string}|[number, number][])[]} [outlines] native pixels
 * @property {boolean} [everywhere] the whole film is what was made
 * @property {string|((i: number) => string)} [maskUrl] a block of 0 / 65535; outlines are traced from it where none are given
 * @property {string|((i: number) => string)} [twinUrl] the same anatomy without (or with) the hallmark
 * @property {string} [twinLabel] e.g. "twin without the change"
 * @property {(boolean|null)[]} [hits] for each mark: hit, miss, or not graded
 * @property {string} [text] line under the label, e.g. "what was changed is outlined"
 * @property {string} [lens] the lens that would have shown it
 * @property {number} [opacity] of the tint, 0 to 1
 * @typedef {'off'|'blink'|'wipe'|'side'|'difference'} Comparison
 */

export class Truth {
  /** @param {TruthGiven} given */
  constructor(given) {
    this.given = given;
    /** @type {Region[]} */
    this.regions = (given.outlines ?? []).map((o) => (Array.isArray(o) ? { points: o, z: 0 } : { z: 0, ...o }));
    this.opacity = given.opacity ?? 0.16;
    this.region = -1;
    /** @type {Comparison} */
    this.mode = 'off';
    this.blinked = false;
    this.wipe = 0.5;
    /** @type {Map<number, import('./block.js').Slice>} */
    this.twins = new Map();
    /** @type {Map<number, import('./block.js').Slice>} */
    this.differences = new Map();
  }

  get hits() { return this.given.hits ?? []; }
  get hasTwin() { return Boolean(this.given.twinUrl); }

  /** @param {number} z @param {AbortSignal} signal */
  async twin(z, signal) {
    let twin = this.twins.get(z);
    if (!twin && this.given.twinUrl) {
      twin = await load(at(this.given.twinUrl, z), { signal });
      this.twins.set(z, twin);
    }
    return twin;
  }

  /** Regions of the mask, where the page sent no outlines. @param {number} z @param {AbortSignal} signal */
  async traceMask(z, signal) {
    if (!this.given.maskUrl || this.given.outlines || this.regions.some((r) => r.z === z)) return;
    const mask = await load(at(this.given.maskUrl, z), { signal });
    this.regions.push(...trace(mask).map((points) => ({ points, z })));
  }

  /** @param {number} step */
  next(step) {
    const n = this.regions.length;
    if (!n) return null;
    this.region = this.region < 0 ? (step > 0 ? 0 : n - 1) : (this.region + step + n) % n;
    return this.regions[this.region];
  }
}

/** @param {string|((i: number) => string)} url @param {number} z */
const at = (url, z) => (typeof url === 'function' ? url(z) : url);

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
