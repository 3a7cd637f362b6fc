// @ts-check
// The verbs of looking: window, zoom, pan, turn. One grey scale and one view for all panes that are linked.
import { pan, zoomAbout } from './geometry.js';
import { table } from './grey.js';
import { LENSES } from './lenses.js';
import { TOOLS } from './strip.js';

/** @typedef {import('./pane.js').Pane} Pane */
/** @typedef {import('./grey.js').Grey} Grey */

export class Looking {
  constructor() {
    /** @type {Pane[]} */
    this.panes = [];
    /** @type {Pane|null} the pane last touched */
    this.last = null;
    /** @type {Grey} */
    this.grey = { centre: 0, width: 1, voi: 'linear', invert: false };
    /** @type {Map<string, Grey>} windows of the lenses */
    this.lensGreys = new Map();
    /** Greys of the lenses' stored values. @type {WeakMap<import('./block.js').Slice, Uint8Array>} */
    this.lensShades = new WeakMap();
    this.preset = '';
    this.tool = 'window';
    this.linked = true;
    this.shades = new Uint8Array(65536);
    /** @type {import('./block.js').Slice|null} */
    this.slice = null;
    /** @type {import('./grey.js').Grey & {preset: string}|null} what reset goes back to */
    this.home = null;
  }

  /** @param {import('./block.js').Slice} slice the one on show */
  hold(slice) { this.slice = slice; }

  /** @param {Grey} grey the window a film opens with */
  begin(grey) {
    this.grey = grey;
    this.preset = 'as sent';
    this.home = { ...grey, preset: this.preset };
    this.shade();
  }

  /** The pane that keys act on. */
  get pane() {
    return this.panes.find((p) => p.box.contains(document.activeElement)) ?? (this.last && this.panes.includes(this.last) ? this.last : this.panes[0]);
  }

  /** The grey scale in which a pane is drawn: its lens's own, else the film's. @param {Pane} pane @returns {Grey} */
  greyOf(pane) { return (pane.lens && this.lensGreys.get(pane.lens)) || this.grey; }

  windowText(grey = this.greyOf(this.pane)) { return `window ${short(grey.width)}, level ${short(grey.centre)}`; }

  /** In modality values, or in the units of the lens on the pane. @param {number} centre @param {number} width @param {string} [preset] @param {Pane} [pane] */
  setWindow(centre, width, preset = '', pane = this.pane) {
    this.#regrey(pane, { centre, width: Math.max(this.greyOf(pane) === this.grey ? 1 : 1e-6, width) });
    if (this.greyOf(pane) === this.grey) this.preset = preset;
    this.say((preset ? `${preset}: ` : '') + this.windowText());
  }

  /** @param {boolean} [invert] */
  invert(invert = !this.greyOf(this.pane).invert) {
    this.#regrey(this.pane, { invert });
    this.say(invert ? 'inverted' : 'not inverted');
  }

  /** @param {Pane} pane @param {Partial<Grey>} change */
  #regrey(pane, change) {
    const grey = { ...this.greyOf(pane), ...change };
    if (this.greyOf(pane) === this.grey) this.grey = grey;
    else this.lensGreys.set(pane.lens, grey);
    this.shade();
  }

  /** Compute the tables of greys again and redraw. */
  shade() {
    if (!this.slice) return;
    table(this.slice, this.grey, this.shades);
    this.lensShades = new WeakMap();
    this.redraw();
  }

  /** One act per drag step moves every linked pane. @param {Pane} pane @param {import('./geometry.js').View} view */
  look(pane, view) {
    for (const p of this.linkedTo(pane)) p.look(view);
    this.refresh();
  }

  /** @param {Pane} pane */
  linkedTo(pane) { return this.linked ? this.panes.filter((p) => p.plane === pane.plane) : [pane]; }

  /** @param {number} factor @param {Pane} [pane] @param {number} [X] canvas pixels @param {number} [Y] */
  zoomBy(factor, pane = this.pane, X = pane.W / 2, Y = pane.H / 2) { this.zoomTo(pane.view.zoom * factor, pane, X, Y); }

  /** @param {number} zoom 1 is one film pixel on one screen pixel @param {Pane} [pane] @param {number} [X] @param {number} [Y] */
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
    this.refresh();
    this.say('fitted to the window');
  }

  /** @param {number} step quarter turns clockwise */
  rotate(step) {
    const turn = (this.pane.view.turn + step + 4) & 3;
    this.#orient({ turn });
    this.say(`turned ${turn * 90} degrees`);
  }

  flip() {
    const flip = !this.pane.view.flip;
    this.#orient({ flip });
    this.say(flip ? 'flipped, left is right' : 'not flipped');
  }

  /** @param {{turn?: number, flip?: boolean}} change */
  #orient(change) {
    for (const p of this.linkedTo(this.pane)) {
      p.view = { ...p.view, ...change };
      if (p.fitted) p.fit();
      p.redraw();
    }
  }

  reset() {
    if (!this.slice || !this.home) return;
    const { preset, ...grey } = this.home;
    this.panes.forEach((p) => { p.view = { ...p.view, turn: 0, flip: false }; p.lens = ''; p.fit(); });
    this.grey = grey;
    this.preset = preset;
    this.lensGreys.clear();
    this.shade();
    this.say(this.windowText());
  }

  /** @param {string} tool @param {boolean} [open] also open its options */
  use(tool, open = false) {
    this.tool = tool;
    this.toolChosen(tool, open);
    this.redraw();
    this.say(`${(TOOLS[tool] ?? LENSES[tool]).label} tool`);
  }

  redraw() {
    this.panes.forEach((p) => p.redraw());
    this.refresh();
  }

  /** @param {string} text */
  say(text) { void text; }
  refresh() {}
  /** @param {string} tool @param {boolean} open */
  toolChosen(tool, open) { void tool, open; }
}

/** Three figures for small numbers, whole ones else. @param {number} v */
export const short = (v) => (Math.abs(v) >= 100 || Number.isInteger(v) ? Math.round(v) : Number(v.toPrecision(3)));
