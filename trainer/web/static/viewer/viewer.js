// @ts-check
// The reading room's viewer: raw 16-bit pixels, marks that are answers, the truth after the call.
//
//   import { Viewer } from '/static/viewer/viewer.js';
//   const viewer = new Viewer(document.querySelector('.stage'), { blockUrl: (i) => `/pixels/${token}/${i}`, ... });
//
// The stage holds the viewer's tool strip and its panes; the page gives it a size. Load viewer.css with it.
// Keys A, S, V, 1 to 5 and Enter are never used here: they belong to the call. Pass one `Keys` (keys.js) to share the
// shortcut table with the page; `viewer.keys` otherwise.
//
// While `viewer.ready` is false nothing can be answered: el.dataset.ready is "0" | "1" | "error".
import { bindings } from './commands.js';
import { compareMode, layersOf, openTruth, stepRegion } from './comparing.js';
import { annotate } from './corners.js';
import { el as make } from './dom.js';
import { Flyout } from './flyout.js';
import { zoomAbout, pan, placeName } from './geometry.js';
import { presets, table } from './grey.js';
import { Help } from './help.js';
import { listen } from './input.js';
import { Keys } from './keys.js';
import { Marks, middle } from './marks.js';
import { Pane, levelsOf } from './pane.js';
import { load, prefetch } from './block.js';
import { Voice } from './say.js';
import { Strip, TOOLS } from './strip.js';

/**
 * @typedef {object} Options
 * @property {(i: number) => string} blockUrl address of the pixel block of slice i
 * @property {string} [label] accessible name and first line on the film, e.g. "Hand PA · simulated film"
 * @property {string} [modality] XR | CT | MR
 * @property {number} [slices]
 * @property {'linear'|'linear_exact'|'sigmoid'} [voi]
 * @property {'MONOCHROME1'|'MONOCHROME2'} [photometric]
 * @property {import('./marks.js').Mark[]} [marks] marks placed before
 * @property {import('./marks.js').Mark['kind'][]} [markKinds] what may be placed; [] for none
 * @property {number} [maxMarks]
 * @property {{id: string, label: string}[]} [hallmarks] what a mark can be tied to
 * @property {string} [keepAs] an opaque name under which marks survive a reload of this tab
 * @property {Keys} [keys]
 * @property {number[]} [waits] milliseconds before each new attempt at a block
 * @property {(marks: import('./marks.js').Mark[]) => void} [onMarks]
 * @property {(index: number, mark: import('./marks.js').Mark|null) => void} [onSelect]
 * @property {(ready: boolean) => void} [onReady]
 * @property {(info: {ms: number}) => void} [onFirstPaint]
 * @property {(error: import('./block.js').BlockError) => void} [onError]
 * @property {(mode: string) => void} [onCompare]
 */

export { Keys, prefetch };

export class Viewer {
  /** @param {HTMLElement} stage @param {Options} options */
  constructor(stage, options) {
    this.born = performance.now();
    this.stage = stage;
    this.options = { label: 'Film', modality: 'XR', slices: 1, markKinds: ['point', 'ellipse', 'outline'], maxMarks: 12, hallmarks: [], ...options };
    this.keys = options.keys ?? new Keys();
    this.abort = new AbortController();
    /** @type {import('./grey.js').Grey} */
    this.grey = { centre: 0, width: 1, voi: options.voi ?? 'linear', invert: false };
    this.preset = '';
    this.tool = 'window';
    this.z = 0;
    /** Where the crosshair is; `hover` names the pane under a resting mouse, which has its own pointer there.
     * @type {{x: number, y: number, hover?: Pane}|null} */
    this.cursor = null;
    /** @type {{kind: string, points: [number, number][]}|null} */
    this.draft = null;
    /** @type {import('./truth.js').Truth|null} */
    this.truth = null;
    /** @type {import('./block.js').Slice|null} */
    this.slice = null;
    this.ready = false;
    this.shades = new Uint8Array(65536);
    this.marks = new Marks(this.#recalled() ?? options.marks ?? [], () => this.#marksChanged());

    stage.classList.add('v-stage');
    this.room = make('div', { class: 'v-room' });
    this.strip = new Strip(this);
    stage.append(this.strip.root, this.room);
    this.notice = make('div', { class: 'v-notice', role: 'status' });
    this.voice = new Voice(stage);
    this.flyout = new Flyout(this);
    this.help = new Help(this.keys, stage);
    /** @type {Pane[]} */
    this.panes = [];
    this.addPane(this.options.label);
    this.room.append(this.notice, this.flyout.root);
    this.keys.register(...bindings(this));
    this.strip.refresh();
    this.#setReady(false);
    this.open(0);
  }

  /** The pane that keys act on. */
  get pane() { return this.panes.find((p) => p.box.contains(document.activeElement)) ?? this.panes[0]; }

  /** @param {string} label */
  addPane(label) {
    const pane = new Pane(this.room, label, (p) => layersOf(this, p), (p) => annotate(this, p));
    this.panes.push(pane);
    listen(this, pane);
    if (this.slice) pane.show(this.slice);
    return pane;
  }

  /** Fetch and show slice z; also the way back after an error. @param {number} z */
  async open(z) {
    const first = !this.slice;
    this.#notice('');
    try {
      const slice = await load(this.options.blockUrl(z), {
        signal: this.abort.signal,
        waits: this.options.waits,
        onRetry: (error, seconds) => {
          this.#setReady(false);
          this.#notice(`${error.message} Trying again in ${seconds} s.`);
        },
      });
      this.#notice('');
      this.z = z;
      this.slice = slice;
      if (first) this.#welcome(slice);
      this.panes.forEach((p) => p.show(slice));
    } catch (error) {
      if (!this.abort.signal.aborted) this.#failed(/** @type {any} */ (error), z);
    }
  }

  /** @param {import('./block.js').Slice} slice */
  #welcome(slice) {
    this.cursor = null;
    const invert = this.options.photometric === 'MONOCHROME1';
    this.grey = { ...this.grey, centre: slice.centre, width: slice.width, invert };
    this.preset = 'as sent';
    this.presets = presets(/** @type {string} */ (this.options.modality), slice);
    this.panes[0].onFirst = () => {
      this.#setReady(true);
      this.options.onFirstPaint?.({ ms: performance.now() - this.born });
      this.say(`${this.options.label}, ${slice.w} by ${slice.h}. ${this.windowText()}. Press ? for shortcuts.`);
    };
    this.shade();
  }

  /** @param {import('./block.js').BlockError} error @param {number} z */
  #failed(error, z) {
    this.#setReady(false, 'error');
    const kept = this.marks.list.length ? ' Your marks are kept.' : '';
    this.#notice(error.message + kept, () => this.open(z));
    this.voice.alarm(error.message + kept);
    this.options.onError?.(error);
  }

  /** @param {boolean} ready @param {string} [state] */
  #setReady(ready, state = ready ? '1' : '0') {
    this.ready = ready;
    this.stage.dataset.ready = state;
    this.options.onReady?.(ready);
  }

  /** @param {string} text @param {() => void} [again] */
  #notice(text, again) {
    this.notice.replaceChildren(text);
    if (again) this.notice.append(make('button', { type: 'button', class: 'v-button', text: 'Try again', onclick: again }));
    this.notice.hidden = !text;
    if (!text && this.slice) this.#setReady(true);
  }

  /** @param {string} text */
  say(text) { this.voice.say(text); }

  // Looking -----------------------------------------------------------------------------------------------------------

  windowText() { return `window ${Math.round(this.grey.width)}, level ${Math.round(this.grey.centre)}`; }

  /** @param {number} centre @param {number} width @param {string} [preset] */
  setWindow(centre, width, preset = '') {
    this.grey = { ...this.grey, centre, width: Math.max(1, width) };
    this.preset = preset;
    this.shade();
    this.say((preset ? `${preset}: ` : '') + this.windowText());
  }

  /** @param {boolean} [invert] */
  invert(invert = !this.grey.invert) {
    this.grey = { ...this.grey, invert };
    this.shade();
    this.say(invert ? 'inverted' : 'not inverted');
  }

  /** Compute the table of greys again and redraw. */
  shade() {
    if (!this.slice) return;
    table(this.slice, this.grey, this.shades);
    this.redraw();
  }

  redraw() {
    this.panes.forEach((p) => p.redraw());
    this.flyout.refresh();
    this.strip.refresh();
  }

  /** All panes look the same way. @param {Pane} pane @param {import('./geometry.js').View} view */
  look(pane, view) {
    for (const p of this.panes) p.look(view);
    this.flyout.refresh();
  }

  /** @param {number} factor @param {Pane} [pane] @param {number} [X] canvas pixels @param {number} [Y] */
  zoomBy(factor, pane = this.pane, X = pane.W / 2, Y = pane.H / 2) { this.zoomTo(pane.view.zoom * factor, pane, X, Y); }

  /** @param {number} zoom @param {Pane} [pane] @param {number} [X] @param {number} [Y] */
  zoomTo(zoom, pane = this.pane, X = pane.W / 2, Y = pane.H / 2) {
    if (!pane.slice) return;
    this.look(pane, zoomAbout(pane.view, pane.slice, pane.W, pane.H, zoom, X, Y));
    this.say(`zoom ${Math.round(100 * pane.view.zoom)} percent`);
  }

  /** @param {number} dx canvas pixels @param {number} dy @param {Pane} [pane] */
  panBy(dx, dy, pane = this.pane) {
    if (pane.slice) this.look(pane, pan(pane.view, pane.slice, dx, dy));
  }

  fit() {
    this.panes.forEach((p) => p.fit());
    this.say('fitted to the window');
  }

  /** @param {number} step quarter turns clockwise */
  rotate(step) {
    const turn = (this.pane.view.turn + step + 4) & 3;
    this.panes.forEach((p) => { p.view = { ...p.view, turn }; if (p.fitted) p.fit(); p.redraw(); });
    this.say(`turned ${turn * 90} degrees`);
  }

  flip() {
    const flip = !this.pane.view.flip;
    this.panes.forEach((p) => { p.view = { ...p.view, flip }; p.redraw(); });
    this.say(flip ? 'flipped, left is right' : 'not flipped');
  }

  reset() {
    if (!this.slice) return;
    this.panes.forEach((p) => { p.view = { ...p.view, turn: 0, flip: false }; p.fit(); });
    this.grey.invert = this.options.photometric === 'MONOCHROME1';
    this.setWindow(this.slice.centre, this.slice.width, 'as sent');
  }

  /** @param {string} tool @param {boolean} [open] also open its options */
  use(tool, open = false) {
    this.tool = tool;
    this.draft = null;
    this.flyout.open(open ? tool : this.flyout.kind ? tool : '');
    this.redraw();
    this.say(`${TOOLS[tool].label} tool`);
  }

  // Answering ---------------------------------------------------------------------------------------------------------

  /** @param {string} kind @param {[number, number][]} points */
  addMark(kind, points) {
    if (!this.canMark(kind)) {
      this.say(this.marks.list.length >= this.options.maxMarks ? `No more than ${this.options.maxMarks} marks.` : 'Marks are closed.');
      return;
    }
    this.marks.add({ kind: /** @type {any} */ (kind), points, z: this.z });
    this.say(this.describe(this.marks.selected));
  }

  /** @param {string} kind */
  canMark(kind) {
    return this.ready && !this.truth && this.options.markKinds.includes(/** @type {any} */ (kind)) && this.marks.list.length < this.options.maxMarks;
  }

  /** Change a mark, e.g. tie it to a hallmark. @param {number} index @param {Partial<import('./marks.js').Mark>} patch */
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
    if (mark) [this.cursor] = [middle(mark)].map(([x, y]) => ({ x, y }));
    this.options.onSelect?.(index, mark);
    if (mark) this.say(this.describe(index));
    this.redraw();
  }

  /** "mark 2 of 3 at upper left" @param {number} index */
  describe(index) {
    const mark = this.marks.list[index];
    const [x, y] = this.panes[0].css(...middle(mark));
    const box = this.panes[0].box;
    const name = this.hallmarkName(mark.hallmark);
    return `mark ${index + 1} of ${this.marks.list.length} at ${placeName(x / box.clientWidth, y / box.clientHeight)}${name ? `, ${name}` : ''}`;
  }

  /** @param {string|null} id */
  hallmarkName(id) { return this.options.hallmarks.find((h) => h.id === id)?.label ?? id ?? ''; }

  #marksChanged() {
    const { keepAs, onMarks, onSelect } = this.options;
    if (keepAs) try { sessionStorage.setItem(`telltale.marks.${keepAs}`, JSON.stringify(this.marks.list)); } catch { /* kept by the page alone */ }
    onMarks?.(this.marks.list);
    onSelect?.(this.marks.selected, this.marks.current);
    this.redraw();
  }

  #recalled() {
    const { keepAs } = this.options;
    try { return keepAs && JSON.parse(sessionStorage.getItem(`telltale.marks.${keepAs}`) ?? 'null'); } catch { return null; }
  }

  // The truth ---------------------------------------------------------------------------------------------------------

  /** Show where it was; marks are closed from here on. @param {import('./truth.js').TruthGiven} given */
  setTruth(given) { return openTruth(this, given); }

  /** @param {import('./truth.js').Comparison} mode */
  compare(mode) { return compareMode(this, mode); }

  /** @param {number} [step] */
  nextRegion(step = 1) { stepRegion(this, step); }

  /** @param {number} opacity of the tint, 0 to 1 */
  setOpacity(opacity) {
    if (!this.truth) return;
    this.truth.opacity = Math.max(0, Math.min(1, opacity));
    this.redraw();
  }

  /** Fetch a block before it is needed. @param {string} url */
  prefetch(url) { prefetch(url); }

  /** Levels of the slice on show. */
  get levels() { return this.slice ? levelsOf(this.slice) : []; }

  destroy() {
    this.abort.abort();
    this.keys.unregister('viewer.');
    this.panes.forEach((p) => p.destroy());
    this.voice.destroy();
    this.stage.replaceChildren();
    this.stage.classList.remove('v-stage');
  }
}
