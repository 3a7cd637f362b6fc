// @ts-check
// A drawn place: one mask of pixels for each slice, with undo. Pure data; tint.js draws it, tools.js changes it.
import { runsOf, unrun } from './runs.js';
import { between } from './between.js';

const DEPTH = 200;

/**
 * @typedef {{z: number, runs: number[]}} Part
 * @typedef {{x0: number, y0: number, x1: number, y1: number}} Rect inclusive
 * @typedef {{z: number, before: number[], after: number[]}[]} Step
 */

export class Region {
  /**
   * @param {number} w @param {number} h @param {number} slices
   * @param {(z: number, rect: Rect) => void} [onPaint] pixels changed
   * @param {() => void} [onChange] a step was done, undone or done again
   */
  constructor(w, h, slices, onPaint = () => {}, onChange = () => {}) {
    this.w = w;
    this.h = h;
    this.slices = slices;
    this.onPaint = onPaint;
    this.onChange = onChange;
    /** @type {Map<number, Uint8Array>} */
    this.masks = new Map();
    /** @type {Step[]} */
    this.past = [];
    /** @type {Step[]} */
    this.future = [];
    /** @type {{z: number, before: number[]}|null} a stroke under way */
    this.stroke = null;
  }

  get whole() { return { x0: 0, y0: 0, x1: this.w - 1, y1: this.h - 1 }; }

  /** @param {number} z */
  mask(z) { return this.masks.get(z); }

  /** Slices in which something is drawn, in order. */
  get drawn() { return [...this.masks.keys()].filter((z) => this.count(z) > 0).sort((a, b) => a - b); }

  /** @param {number} z pixels of a slice */
  count(z) {
    const mask = this.masks.get(z);
    let n = 0;
    if (mask) for (let i = 0; i < mask.length; i++) n += mask[i];
    return n;
  }

  /** @param {Part[]} place what the server keeps; no step */
  load(place) {
    this.masks.clear();
    for (const { z, runs } of place) this.masks.set(z, unrun(runs, this.w * this.h));
    this.past = [];
    this.future = [];
    for (const z of this.masks.keys()) this.onPaint(z, this.whole);
  }

  /** @returns {Part[]} */
  get place() {
    return this.drawn.map((z) => ({ z, runs: runsOf(/** @type {Uint8Array} */ (this.masks.get(z))) }));
  }

  // Strokes -----------------------------------------------------------------------------------------------------------

  /** @param {number} z */
  begin(z) {
    this.end();
    this.stroke = { z, before: this.#runs(z) };
  }

  /**
   * A round tip drawn from one place to another. @param {[number, number]} a @param {[number, number]} b
   * @param {number} radius in film pixels @param {boolean} on
   */
  line(a, b, radius, on) {
    if (!this.stroke) return;
    const mask = this.#own(this.stroke.z);
    const r = Math.max(0.5, radius);
    const rect = this.#clip(Math.min(a[0], b[0]) - r, Math.min(a[1], b[1]) - r, Math.max(a[0], b[0]) + r, Math.max(a[1], b[1]) + r);
    const dx = b[0] - a[0];
    const dy = b[1] - a[1];
    const length = dx * dx + dy * dy || 1;
    for (let y = rect.y0; y <= rect.y1; y++) {
      for (let x = rect.x0; x <= rect.x1; x++) {
        const t = Math.max(0, Math.min(1, ((x - a[0]) * dx + (y - a[1]) * dy) / length));
        const px = x - a[0] - t * dx;
        const py = y - a[1] - t * dy;
        if (px * px + py * py <= r * r) mask[y * this.w + x] = on ? 1 : 0;
      }
    }
    this.onPaint(this.stroke.z, rect);
  }

  /** The stroke is done: one step. */
  end() {
    if (!this.stroke) return;
    const { z, before } = this.stroke;
    this.stroke = null;
    this.#keep([{ z, before, after: this.#runs(z) }]);
  }

  /** The stroke was none (a second finger came down). */
  cancel() {
    if (!this.stroke) return;
    const { z, before } = this.stroke;
    this.stroke = null;
    this.#put(z, before);
  }

  // Shapes ------------------------------------------------------------------------------------------------------------

  /** Fill a closed polygon, even-odd. @param {number} z @param {[number, number][]} points @param {boolean} on */
  fill(z, points, on) {
    const before = this.#runs(z);
    const mask = this.#own(z);
    const ys = points.map((p) => p[1]);
    const from = Math.max(0, Math.ceil(Math.min(...ys)));
    const to = Math.min(this.h - 1, Math.floor(Math.max(...ys)));
    for (let y = from; y <= to; y++) {
      const xs = crossings(points, y);
      for (let i = 0; i + 1 < xs.length; i += 2) {
        const x1 = Math.min(this.w - 1, Math.floor(xs[i + 1]));
        for (let x = Math.max(0, Math.ceil(xs[i])); x <= x1; x++) mask[y * this.w + x] = on ? 1 : 0;
      }
    }
    this.onPaint(z, this.whole);
    this.#keep([{ z, before, after: this.#runs(z) }]);
  }

  /** @param {number} z @param {[number, number]} a @param {[number, number]} b opposite corners @param {boolean} on */
  box(z, a, b, on) {
    const before = this.#runs(z);
    const mask = this.#own(z);
    const rect = this.#clip(Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1]));
    for (let y = rect.y0; y <= rect.y1; y++) mask.fill(on ? 1 : 0, y * this.w + rect.x0, y * this.w + rect.x1 + 1);
    this.onPaint(z, rect);
    this.#keep([{ z, before, after: this.#runs(z) }]);
  }

  /** @param {number} z */
  clear(z) { this.#replace([[z, []]]); }

  /** Empty every slice. */
  clearAll() { this.#replace([...this.masks.keys()].map((z) => [z, []])); }

  /** Lay the place of one slice over another, too. @param {number} from @param {number} to @returns {boolean} */
  copy(from, to) {
    const mask = this.masks.get(from);
    if (!mask || to < 0 || to >= this.slices || !this.count(from)) return false;
    const other = this.masks.get(to);
    this.#replace([[to, runsOf(other ? mask.map((on, i) => on | other[i]) : mask)]]);
    return true;
  }

  /** Fill the empty slices between drawn ones with shapes in between. @returns {number} how many were filled */
  fillBetween() {
    const drawn = this.drawn;
    /** @type {[number, number[]][]} */
    const made = [];
    for (let i = 0; i + 1 < drawn.length; i++) {
      const [lo, hi] = [drawn[i], drawn[i + 1]];
      const [a, b] = [this.masks.get(lo), this.masks.get(hi)];
      for (let z = lo + 1; z < hi && a && b; z++) made.push([z, runsOf(between(a, b, this.w, this.h, (z - lo) / (hi - lo)))]);
    }
    if (made.length) this.#replace(made);
    return made.length;
  }

  // Steps -------------------------------------------------------------------------------------------------------------

  /** @returns {number|null} the slice it happened in */
  undo() { return this.#step(this.past, this.future, 'before'); }

  redo() { return this.#step(this.future, this.past, 'after'); }

  /** @param {Step[]} from @param {Step[]} to @param {'before'|'after'} side */
  #step(from, to, side) {
    this.end();
    const step = from.pop();
    if (!step) return null;
    to.push(step);
    for (const part of step) this.#put(part.z, part[side]);
    this.onChange();
    return step[0].z;
  }

  /** @param {[number, number[]][]} parts */
  #replace(parts) {
    const step = parts.map(([z, after]) => ({ z, before: this.#runs(z), after }));
    for (const { z, after } of step) this.#put(z, after);
    this.#keep(step);
  }

  /** @param {Step} step */
  #keep(step) {
    const changed = step.filter(({ before, after }) => before.length !== after.length || before.some((n, i) => n !== after[i]));
    if (!changed.length) return;
    this.past.push(changed);
    if (this.past.length > DEPTH) this.past.shift();
    this.future = [];
    this.onChange();
  }

  /** @param {number} z @param {number[]} runs */
  #put(z, runs) {
    this.masks.set(z, unrun(runs, this.w * this.h));
    this.onPaint(z, this.whole);
  }

  /** @param {number} z */
  #runs(z) {
    const mask = this.masks.get(z);
    return mask ? runsOf(mask) : [];
  }

  /** @param {number} z */
  #own(z) {
    let mask = this.masks.get(z);
    if (!mask) this.masks.set(z, (mask = new Uint8Array(this.w * this.h)));
    return mask;
  }

  /** @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 @returns {Rect} */
  #clip(x0, y0, x1, y1) {
    return {
      x0: Math.max(0, Math.ceil(x0)), y0: Math.max(0, Math.ceil(y0)),
      x1: Math.min(this.w - 1, Math.floor(x1)), y1: Math.min(this.h - 1, Math.floor(y1)),
    };
  }
}

/** Where a closed polygon crosses the middle of a row, in order. @param {[number, number][]} points @param {number} y */
function crossings(points, y) {
  const xs = [];
  for (let i = 0; i < points.length; i++) {
    const [ax, ay] = points[i];
    const [bx, by] = points[(i + 1) % points.length];
    if (ay > y !== by > y) xs.push(ax + ((y - ay) / (by - ay)) * (bx - ax));
  }
  return xs.sort((p, q) => p - q);
}
