// @ts-check
// The verbs of answering: marks placed, chosen, moved and taken back.
import { placeName } from './geometry.js';
import { Looking } from './looking.js';
import { Marks, middle } from './marks.js';

/** @typedef {import('./marks.js').Mark} Mark */

export class Answering extends Looking {
  /** @param {import('./viewer.js').Settled} options */
  constructor(options) {
    super();
    this.options = options;
    this.z = 0;
    this.ready = false;
    /** Where the crosshair is; `hover` names the pane under a resting mouse, which has its own pointer there.
     * @type {{x: number, y: number, hover?: import('./pane.js').Pane, plane?: string}|null} */
    this.cursor = null;
    /** What is being drawn. @type {{kind: string, points: [number, number][]}|null} */
    this.draft = null;
    /** @type {import('./truth.js').Truth|null} */
    this.truth = null;
    this.marks = new Marks(this.#recalled() ?? options.marks, () => this.#changed());
  }

  /** @param {string} kind @param {[number, number][]} points @param {number} [z] */
  addMark(kind, points, z = this.z) {
    const { maxMarks } = this.options;
    if (!this.canMark(kind)) {
      this.say(this.marks.list.length >= maxMarks ? `No more than ${maxMarks} marks.` : 'Marks are closed.');
      return;
    }
    this.marks.add({ kind: /** @type {any} */ (kind), points, z });
    this.say(this.describe(this.marks.selected));
  }

  /** @param {string} kind */
  canMark(kind) {
    const { markKinds, maxMarks } = this.options;
    return this.ready && !this.truth && markKinds.includes(/** @type {any} */ (kind)) && this.marks.list.length < maxMarks;
  }

  /** Change a mark, e.g. tie it to a hallmark. @param {number} index @param {Partial<Mark>} patch */
  updateMark(index, patch) { if (!this.truth) this.marks.update(index, patch); }

  /** @param {number} index */
  removeMark(index) {
    if (this.truth || !this.marks.list[index]) return;
    this.marks.remove(index);
    this.say(`mark ${index + 1} removed, ${this.marks.list.length} left`);
  }

  undo() {
    if (!this.truth) this.say(this.marks.undo() ? `undone, ${this.marks.list.length} marks` : 'nothing to undo');
  }

  /** @param {number} index -1 for none */
  select(index) {
    this.marks.selected = index;
    const mark = this.marks.current;
    if (mark) {
      const [x, y] = middle(mark);
      this.cursor = { x, y };
      if (mark.z !== this.z) this.goTo(mark.z);
      this.say(this.describe(index));
    }
    this.redraw();
  }

  /** "mark 2 of 3 at upper left" @param {number} index */
  describe(index) {
    const mark = this.marks.list[index];
    const [pane] = this.panes;
    const [x, y] = pane.css(...middle(mark));
    const place = `mark ${index + 1} of ${this.marks.list.length} at ${placeName(x / pane.box.clientWidth, y / pane.box.clientHeight)}`;
    return [place, this.options.slices > 1 && `slice ${mark.z + 1}`, this.hallmarkName(mark.hallmark)].filter(Boolean).join(', ');
  }

  /** @param {string|null} id */
  hallmarkName(id) { return this.options.hallmarks.find((h) => h.id === id)?.label ?? id ?? ''; }

  #changed() {
    const { keepAs, onMarks } = this.options;
    if (keepAs) try { sessionStorage.setItem(`telltale.marks.${keepAs}`, JSON.stringify(this.marks.list)); } catch { /* kept by the page alone */ }
    onMarks?.(this.marks.list);
    this.redraw();
  }

  /** @returns {Mark[]|null} */
  #recalled() {
    const { keepAs } = this.options;
    try { return keepAs ? JSON.parse(sessionStorage.getItem(`telltale.marks.${keepAs}`) ?? 'null') : null; } catch { return null; }
  }

  /** @param {number} z */
  goTo(z) { this.z = z; }
}
