// @ts-check
// A reader's marks: what they point at, with undo. Pure data; drawing is overlay.js.

/**
 * `points`: one place for a point; two opposite corners of the box around an ellipse; the corners of an outline.
 * Native pixels, (0, 0) is the centre of the top left pixel; `z` is the slice.
 * @typedef {{kind: 'point'|'ellipse'|'outline', points: [number, number][], z: number,
 *   hallmark: string|null, confidence: number|null}} Mark
 */

const DEPTH = 100;

export class Marks {
  /** @param {Mark[]} initial @param {(marks: Mark[]) => void} onChange */
  constructor(initial, onChange) {
    this.list = initial.map(tidy);
    this.onChange = onChange;
    /** @type {string[]} */
    this.past = [];
    /** index of the selected mark, or -1 */
    this.selected = -1;
  }

  get current() { return this.list[this.selected] ?? null; }

  /** @param {Omit<Mark, 'hallmark'|'confidence'> & Partial<Mark>} mark */
  add(mark) {
    this.#remember();
    this.list = [...this.list, tidy({ hallmark: null, confidence: null, ...mark })];
    this.selected = this.list.length - 1;
    this.onChange(this.list);
  }

  /** @param {number} index @param {Partial<Mark>} patch @param {boolean} [joins] one undo step with the change before it */
  update(index, patch, joins = false) {
    if (!this.list[index]) return;
    if (!joins) this.#remember();
    this.list = this.list.map((m, i) => (i === index ? tidy({ ...m, ...patch }) : m));
    this.onChange(this.list);
  }

  /** @param {number} index @param {number} dx @param {number} dy @param {number} [dz] @param {boolean} [joins] */
  move(index, dx, dy, dz = 0, joins = false) {
    const m = this.list[index];
    if (m) this.update(index, { points: m.points.map(([x, y]) => [x + dx, y + dy]), z: m.z + dz }, joins);
  }

  /** @param {number} index */
  remove(index) {
    if (!this.list[index]) return;
    this.#remember();
    this.list = this.list.filter((_, i) => i !== index);
    this.selected = -1;
    this.onChange(this.list);
  }

  /** @returns {boolean} whether there was a step to take back */
  undo() {
    const before = this.past.pop();
    if (!before) return false;
    this.list = JSON.parse(before);
    this.selected = -1;
    this.onChange(this.list);
    return true;
  }

  /** Select the next (1) or the previous (-1) mark. @param {number} step */
  cycle(step) {
    const n = this.list.length;
    if (n) this.selected = this.selected < 0 ? (step > 0 ? 0 : n - 1) : (this.selected + step + n) % n;
    return this.current;
  }

  #remember() {
    this.past.push(JSON.stringify(this.list));
    if (this.past.length > DEPTH) this.past.shift();
  }
}

/** Tenths of a pixel are enough, and keep what is sent small. @param {Mark} mark @returns {Mark} */
function tidy(mark) {
  const points = /** @type {[number, number][]} */ (mark.points.map(([x, y]) => [tenth(x), tenth(y)]));
  return { kind: mark.kind, points, z: Math.round(mark.z ?? 0), hallmark: mark.hallmark ?? null, confidence: mark.confidence ?? null };
}

/** @param {number} v */
const tenth = (v) => Math.round(v * 10) / 10;

/** The middle of a mark. @param {{points: [number, number][]}} mark @returns {[number, number]} */
export function middle({ points }) {
  const xs = points.map((p) => p[0]);
  const ys = points.map((p) => p[1]);
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}

/**
 * The outermost mark under a place, or -1; small ones first, so that a point inside an ellipse can be taken.
 * @param {Mark[]} list @param {number} z @param {number} x @param {number} y @param {number} reach in film pixels
 */
export function hit(list, z, x, y, reach) {
  const order = list.map((m, i) => ({ m, i })).filter(({ m }) => m.z === z)
    .sort((p, q) => extent(p.m) - extent(q.m));
  const found = order.find(({ m }) => {
    const [cx, cy] = middle(m);
    const [rx, ry] = radii(m);
    if (m.kind === 'point') return Math.hypot(x - cx, y - cy) <= reach;
    return ((x - cx) / (rx + reach / 2)) ** 2 + ((y - cy) / (ry + reach / 2)) ** 2 <= 1;
  });
  return found ? found.i : -1;
}

/** @param {Mark} m @returns {[number, number]} */
function radii({ points }) {
  const xs = points.map((p) => p[0]);
  const ys = points.map((p) => p[1]);
  return [(Math.max(...xs) - Math.min(...xs)) / 2, (Math.max(...ys) - Math.min(...ys)) / 2];
}

/** @param {Mark} m */
const extent = (m) => { const [a, b] = radii(m); return a * b; };
