// @ts-check
// The reading room's viewer: raw 16-bit pixels, marks that are answers, the truth after the call. See docs/viewer.md.
//
//   import { Viewer } from './viewer.js';
//   const viewer = new Viewer(document.querySelector('.stage'), { blockUrl: (i) => `/pixels/${token}/${i}`, ... });
//
// The stage holds the viewer's tool strip and its panes; the page gives it a size and loads viewer.css. Keys A, S, V,
// 1 to 5 and Enter are never used here: they belong to the call. Pass one `Keys` (keys.js) to share the shortcut table
// with the page; `viewer.keys` otherwise. While `viewer.ready` is false nothing may be answered; the same is on the
// stage as data-ready = "0" | "1" | "error".
import { Answering } from './answering.js';
import { load, prefetch } from './block.js';
import { bindings, withoutFilm } from './commands.js';
import { annotate } from './corners.js';
import { button, el } from './dom.js';
import { presets } from './grey.js';
import { closeOutline, inside, listen } from './input.js';
import { Keys } from './keys.js';
import { layersOf } from './layers.js';
import { LENSES } from './lenses.js';
import { Loupe } from './loupe.js';
import { Pane } from './pane.js';
import { Voice } from './say.js';
import { Strip, TOOLS } from './strip.js';

/**
 * @typedef {object} Options
 * @property {(i: number) => string} blockUrl address of the pixel block of slice i
 * @property {string} [label] accessible name and first line on the film, e.g. "Hand PA · simulated film"
 * @property {string} [modality] XR | CT | MR
 * @property {number} [slices]
 * @property {import('./stack.js').Given|null} [stack] where the slices lie
 * @property {number} [start] the slice to open with; the middle one otherwise
 * @property {'linear'|'linear_exact'|'sigmoid'} [voi]
 * @property {'MONOCHROME1'|'MONOCHROME2'} [photometric]
 * @property {'all'|string[]|null} [lenses] ids of lenses.js that this sitting allows; null is all
 * @property {import('./marks.js').Mark[]} [marks] marks placed before
 * @property {import('./marks.js').Mark['kind'][]} [markKinds] what may be placed; [] for none
 * @property {number} [maxMarks]
 * @property {{id: string, label: string}[]} [hallmarks] what a mark can be tied to
 * @property {string} [keepAs] an opaque name under which marks survive a reload of this tab
 * @property {Keys} [keys]
 * @property {'auto'|'cpu'|'gl'} [painter] auto takes WebGL2 on real graphics hardware; gl takes any (for tests)
 * @property {number[]} [waits] milliseconds before each new attempt at a block
 * @property {(marks: import('./marks.js').Mark[]) => void} [onMarks] after every change
 * @property {(ready: boolean) => void} [onReady]
 * @property {(info: {ms: number}) => void} [onFirstPaint]
 * @property {(error: import('./block.js').BlockError) => void} [onError]
 * @property {(mode: string) => void} [onCompare]
 *
 * @typedef {Omit<Options, keyof typeof DEFAULTS> & typeof DEFAULTS} Settled
 */

const DEFAULTS = {
  label: 'Film',
  modality: 'XR',
  slices: 1,
  lenses: /** @type {'all'|string[]} */ ('all'),
  marks: /** @type {import('./marks.js').Mark[]} */ ([]),
  markKinds: /** @type {import('./marks.js').Mark['kind'][]} */ (['point', 'ellipse', 'outline']),
  maxMarks: 12,
  hallmarks: /** @type {{id: string, label: string}[]} */ ([]),
};

/** What the page leaves out, or gives as null, is as a film has it by default. @param {Options} options @returns {Settled} */
function settle(options) {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null && value !== undefined));
  return /** @type {Settled} */ ({ ...DEFAULTS, ...given });
}

export { Keys, LENSES, TOOLS, closeOutline, inside, prefetch, withoutFilm };

/** The list of shortcuts, for a page with or without a film. @param {Keys} keys @param {HTMLElement} parent */
export async function helpOf(keys, parent) {
  const { Help } = await import('./later.js');
  return new Help(keys, parent);
}

export class Viewer extends Answering {
  /** @param {HTMLElement} stage @param {Options} options */
  constructor(stage, options) {
    super(settle(options));
    this.born = performance.now();
    /** @type {ReturnType<typeof presets>|null} */
    this.windows = null;
    this.painted = false;
    this.magnifying = false;
    this.stage = stage;
    this.keys = options.keys ?? new Keys();
    this.ownKeys = !options.keys;
    this.abort = new AbortController();
    /** @type {number|null} column of the mirror lens */
    this.axis = null;
    /** @type {import('./flyout.js').Flyout|null} */
    this.flyout = null;
    /** @type {import('./measuring.js').Measuring|null} */
    this.measuring = null;
    /** @type {import('./help.js').Help|null} */
    this.help = null;
    /** @type {Promise<import('./lens/client.js').Lenses>|null} */
    this.lensWorker = null;
    /** @type {import('./stack.js').Stack|null} */
    this.stack = null;
    this.wanted = -1;

    stage.classList.add('v-stage');
    this.room = el('div', { class: 'v-room' });
    this.strip = new Strip(this);
    stage.append(this.strip.root, this.room);
    this.notice = el('div', { class: 'v-notice', role: 'status' });
    this.voice = new Voice(stage);
    this.room.append(this.notice);
    this.addPane(this.options.label);
    this.keys.register(...bindings(this));
    this.strip.refresh();
    this.#setReady(false);
    const { slices, start = Math.floor((slices - 1) / 2) } = this.options;
    this.open(slices > 1 ? start : 0);
  }

  /** @param {string} label @param {string} [plane] */
  addPane(label, plane = '') {
    const pane = new Pane(this.room, label, (p) => layersOf(this, p), (p, layers) => annotate(this, p, layers));
    pane.plane = plane;
    this.panes.push(pane);
    listen(this, pane);
    if (this.slice) pane.show(plane && this.stack ? this.stack.plane(plane) : this.slice);
    if (this.painted) this.#upgrade(pane);
    return pane;
  }

  /** @param {Pane} pane */
  #upgrade(pane) {
    const { painter = 'auto' } = this.options;
    if (painter !== 'cpu') pane.upgrade(painter === 'gl');
  }

  /** Take up the magnifier, or put it down. */
  magnify() {
    this.magnifying = !this.magnifying;
    for (const pane of this.panes) {
      pane.loupe?.destroy();
      pane.loupe = this.magnifying ? new Loupe(pane) : null;
    }
    this.redraw();
    this.say(this.magnifying ? 'magnifier' : 'magnifier off');
  }

  /** Hang one, two or four linked views. @param {number} count */
  hang(count) {
    if (this.truth && this.truth.mode === 'side') this.truth.mode = 'off';
    this.split(count);
    this.say(count === 1 ? 'one view' : `${count} views`);
    this.redraw();
  }

  /** @param {number} count of panes */
  split(count) {
    delete this.panes[0].box.dataset.wide;
    while (this.panes.some((p) => p.plane)) this.panes.splice(this.panes.findIndex((p) => p.plane), 1)[0].destroy();
    if (this.tool === 'cross') this.use('window');
    this.room.dataset.panes = String(count);
    while (this.panes.length > count) this.panes.pop()?.destroy();
    while (this.panes.length < count) {
      const { view, fitted } = this.panes[0];
      const pane = this.addPane(`${this.options.label}, view ${this.panes.length + 1}`);
      if (!fitted) pane.look(view);
    }
  }

  // Loading -----------------------------------------------------------------------------------------------------------

  /** Fetch and show slice z; also the way back after an error. @param {number} z */
  async open(z) {
    this.clear();
    try {
      const slice = await load(this.options.blockUrl(z), {
        signal: this.abort.signal,
        waits: this.options.waits,
        onRetry: (error, seconds) => {
          this.#setReady(false);
          this.tellAside(`${error.message} Trying again in ${seconds} s.`);
        },
      });
      const first = !this.slice;
      this.z = z;
      this.hold(slice);
      if (first) this.#welcome(slice);
      this.clear();
      this.panes.forEach((p) => p.show(slice));
    } catch (error) {
      if (!this.abort.signal.aborted) this.fail(/** @type {any} */ (error), z);
    }
  }

  /** @param {import('./block.js').Slice} slice */
  #welcome(slice) {
    const { photometric, label } = this.options;
    this.begin({ centre: slice.centre, width: slice.width, voi: this.options.voi ?? 'linear', invert: photometric === 'MONOCHROME1' });
    this.panes[0].onFirst = () => {
      this.painted = true;
      this.#setReady(true);
      this.options.onFirstPaint?.({ ms: performance.now() - this.born });
      this.say(`${label}, ${slice.w} by ${slice.h}. ${this.windowText()}. Press ${this.keys.cap('viewer.help')} for shortcuts.`);
      requestAnimationFrame(() => setTimeout(() => this.#begin(slice))); // not before the picture is on the screen
    };
  }

  /** Windows to choose from, found when they are first asked for. */
  get presets() {
    if (!this.slice) return [];
    return (this.windows ??= presets(this.options.modality, this.slice));
  }

  /** What can wait until the film is on screen: the graphics card, the rest of a stack. @param {import('./block.js').Slice} slice */
  async #begin(slice) {
    const { slices, stack } = this.options;
    if (this.abort.signal.aborted) return;
    this.panes.forEach((p) => this.#upgrade(p));
    if (slices < 2) return;
    const { Stack } = await import('./stack.js');
    this.stack = new Stack(this, slices, stack ?? {});
    this.stack.begin(slice);
    if (this.wanted >= 0) this.stack.goTo(this.wanted);
    this.strip.refresh();
  }

  /** @param {import('./block.js').BlockError} error @param {number} z */
  fail(error, z) {
    this.#setReady(false, 'error');
    const kept = this.marks.list.length ? ' Your marks are kept.' : '';
    this.tellAside(error.message + kept, () => this.goTo(z), 'Try again');
    this.voice.alarm(error.message + kept);
    this.options.onError?.(error);
  }

  /** @param {boolean} ready @param {string} [state] */
  #setReady(ready, state = ready ? '1' : '0') {
    this.ready = ready;
    this.stage.dataset.ready = state;
    this.options.onReady?.(ready);
  }

  /** Say something in the middle of the stage. @param {string} text @param {() => void} [act] @param {string} [label] */
  tellAside(text, act = () => this.clear(), label = this.ready ? 'Close' : '') {
    this.notice.replaceChildren(text);
    if (label) this.notice.append(button(label, act));
    this.notice.hidden = false;
  }

  /** Nothing stands in the way: what is on screen may be answered. */
  clear() {
    this.notice.hidden = true;
    this.notice.replaceChildren();
    if (this.painted && !this.ready) this.#setReady(true);
  }

  /** Fetch a block before it is needed. @param {string} url */
  prefetch(url) { prefetch(url); }

  // What comes only when it is asked for --------------------------------------------------------------------------

  /** @param {string} kind a tool's id; '' closes */
  async panel(kind) {
    if (kind && !this.flyout) {
      const { Flyout } = await import('./later.js');
      this.flyout ??= new Flyout(this);
    }
    this.flyout?.open(kind);
    this.strip.refresh();
  }

  async showHelp() {
    this.help ??= await helpOf(this.keys, this.stage);
    this.help.show();
  }

  /** The lens worker's page side. */
  lensClient() {
    this.lensWorker ??= import('./later.js').then(({ Lenses }) => new Lenses());
    return this.lensWorker;
  }

  /** @param {string} tool @param {boolean} open */
  toolChosen(tool, open) {
    this.draft = null;
    if (!TOOLS[tool].measures) {
      if (open || this.flyout?.kind) this.panel(tool);
      return;
    }
    import('./later.js').then(({ Measuring }) => {
      this.measuring ??= new Measuring(this);
      this.panel(tool);
    });
  }

  // The truth ---------------------------------------------------------------------------------------------------------

  /** Show where it was; marks are closed from here on. @param {import('./truth.js').TruthGiven} given */
  async setTruth(given) {
    const { openTruth } = await import('./later.js');
    await openTruth(this, given);
  }

  /** @param {import('./truth.js').Comparison} mode */
  async compare(mode) {
    const { compareMode } = await import('./later.js');
    await compareMode(this, mode);
  }

  async blink() {
    const { blink } = await import('./later.js');
    await blink(this);
  }

  /** @param {number} [step] */
  async nextRegion(step = 1) {
    const { stepRegion } = await import('./later.js');
    stepRegion(this, step);
  }

  /** @param {number} opacity of the tint, 0 to 1 */
  setOpacity(opacity) {
    if (!this.truth) return;
    this.truth.opacity = Math.max(0, Math.min(1, opacity));
    this.redraw();
  }

  // -------------------------------------------------------------------------------------------------------------------

  /** @param {string} text */
  say(text) { this.voice.say(text); }

  refresh() {
    this.flyout?.refresh();
    this.stack?.bar.refresh();
    this.strip.refresh();
  }

  /** @param {number} z */
  goTo(z) {
    if (this.stack) this.stack.goTo(z);
    else if (this.slice) this.wanted = z; // the stack's own script is on its way
    else this.open(z);
  }

  destroy() {
    this.abort.abort();
    this.keys.unregister('viewer.');
    if (this.ownKeys) this.keys.destroy();
    this.lensWorker?.then((lenses) => lenses.destroy());
    this.stack?.destroy();
    this.panes.forEach((p) => p.destroy());
    this.voice.destroy();
    this.stage.replaceChildren();
    this.stage.classList.remove('v-stage');
  }
}
