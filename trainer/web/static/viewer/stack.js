// @ts-check
// A series of slices: streamed nearest first, bounded in memory, scrolled, played, cut in three planes. Loaded for stacks.
import { load } from './block.js';
import { middle } from './marks.js';
import { crossLines, planeDrawing } from './plane_lines.js';
import { Geometry, cut } from './reformat.js';
import { SliceBar } from './slice_bar.js';

/** @typedef {import('./viewer.js').Viewer} Viewer */
/** @typedef {import('./block.js').Slice} Slice */
/** @typedef {import('./pane.js').Pane} Pane */
/** @typedef {{slice_mm?: number[], tilt?: number, plane?: string, budgetMb?: number}} Given where each slice lies along the
 * axis, rising towards the head; gantry tilt in degrees; axial where nothing is said */

const AT_ONCE = 5;
const BUDGET_MB = 224; // of the tab's 256; the rest is the canvas, the planes and the lens worker
const FRAMES = 12;

export class Stack {
  /** @param {Viewer} viewer @param {number} count @param {Given} given */
  constructor(viewer, count, given) {
    this.viewer = viewer;
    this.count = count;
    this.geometry = new Geometry(count, given.slice_mm ?? [], given.tilt ?? 0, given.plane);
    this.budget = (given.budgetMb ?? BUDGET_MB) * 1e6;
    /** @type {Map<number, Slice>} */
    this.slices = new Map();
    /** @type {Set<number>} */
    this.coming = new Set();
    /** @type {Map<number, Error>} slices that did not come */
    this.failed = new Map();
    /** where the reader wants to be; `viewer.z` is what is on show */
    this.target = viewer.z;
    this.cross = { x: 0, y: 0 };
    this.cine = 0;
    this.way = 1;
    this.bar = new SliceBar(this);
  }

  /** How many slices fit the budget. */
  get room() {
    const { slice } = this.viewer;
    return slice ? Math.max(3, Math.floor(this.budget / slice.data.byteLength)) : this.count;
  }

  /** The first slice is on screen: let the others come. @param {Slice} slice */
  begin(slice) {
    this.slices.set(this.viewer.z, slice);
    this.target = this.viewer.z;
    this.cross = { x: Math.round((slice.w - 1) / 2), y: Math.round((slice.h - 1) / 2) };
    this.pump();
    this.bar.refresh();
  }

  /** Ask for the nearest slices that are missing. */
  pump() {
    while (this.coming.size < AT_ONCE) {
      const z = this.#nearestMissing();
      if (z < 0) return;
      this.coming.add(z);
      this.#fetch(z);
    }
  }

  #nearestMissing() {
    const reach = Math.ceil(this.room / 2);
    for (let d = 0; d < this.count; d++) {
      if (this.room < this.count && d > reach) return -1;
      for (const z of d ? [this.target + d, this.target - d] : [this.target]) {
        if (z >= 0 && z < this.count && !this.slices.has(z) && !this.coming.has(z) && !this.failed.has(z)) return z;
      }
    }
    return -1;
  }

  /** @param {number} z */
  async #fetch(z) {
    const { options, abort, slice: model } = this.viewer;
    try {
      const slice = await load(options.blockUrl(z), { signal: abort.signal, waits: options.waits });
      if (model && (slice.w !== model.w || slice.h !== model.h)) throw new Error(`Slice ${z + 1} has another size than the first.`);
      this.slices.set(z, slice);
      this.#evict();
    } catch (error) {
      if (abort.signal.aborted) return;
      this.failed.set(z, /** @type {Error} */ (error));
    }
    this.coming.delete(z);
    if (z === this.target) this.#arrive(z);
    this.#planes();
    this.bar.refresh();
    this.pump();
  }

  #evict() {
    while (this.slices.size > this.room) {
      const far = [...this.slices.keys()].filter((z) => z !== this.viewer.z).reduce((a, z) => (Math.abs(z - this.target) > Math.abs(a - this.target) ? z : a));
      this.slices.delete(far);
    }
  }

  /** Go to a slice; the one on show stays until the other is there. @param {number} z */
  goTo(z) {
    this.target = Math.max(0, Math.min(this.count - 1, Math.round(z)));
    if (this.slices.has(this.target)) this.#arrive(this.target);
    else {
      if (this.failed.delete(this.target)) this.viewer.say(`asking again for slice ${this.target + 1}`);
      this.viewer.say(`slice ${this.target + 1} is on its way`);
    }
    this.pump();
    this.bar.refresh();
  }

  /** @param {number} by */
  step(by) { this.goTo(this.target + by); }

  /** @param {number} z */
  #arrive(z) {
    const slice = this.slices.get(z);
    const { viewer } = this;
    if (!slice) {
      const { message } = /** @type {Error} */ (this.failed.get(z));
      viewer.fail(Object.assign(new Error(`Slice ${z + 1}: ${message}`), { kind: 'network', status: 0, retry: true }), z);
      return;
    }
    viewer.z = z;
    viewer.hold(slice);
    viewer.clear();
    for (const pane of viewer.panes) if (!pane.plane) pane.show(slice);
    if (!this.cine) viewer.say(`slice ${z + 1} of ${this.count}`);
    viewer.truth?.follow(viewer);
    viewer.redraw();
  }

  /** Play or stop. */
  play() {
    clearInterval(this.cine);
    this.cine = this.cine ? 0 : window.setInterval(() => {
      if (this.target !== this.viewer.z) return; // wait for the slice that is on its way
      if (this.target + this.way < 0 || this.target + this.way >= this.count) this.way = -this.way;
      this.step(this.way);
    }, 1000 / FRAMES);
    this.viewer.say(this.cine ? 'playing' : `stopped at slice ${this.viewer.z + 1}`);
    this.bar.refresh();
  }

  // Three planes ------------------------------------------------------------------------------------------------------

  /** Why reformats cannot be shown, or ''. */
  get refusal() { return this.geometry.refusal; }

  /** Show the axial, coronal and sagittal planes under one crosshair, or go back. */
  planes() {
    const { viewer } = this;
    if (viewer.panes.some((p) => p.plane)) { viewer.hang(1); return; }
    if (this.refusal) { viewer.say(this.refusal); viewer.tellAside(this.refusal); return; }
    viewer.hang(1);
    viewer.room.dataset.panes = '3';
    viewer.panes[0].box.dataset.wide = '';
    for (const plane of ['coronal', 'sagittal']) viewer.addPane(`${viewer.options.label}, ${plane}`, plane);
    this.#planes();
    viewer.use('cross');
    viewer.say(`three planes. ${this.geometry.note}`);
  }

  /** Cut the planes anew. */
  #planes() {
    for (const pane of this.viewer.panes) if (pane.plane) pane.show(this.plane(pane.plane));
  }

  /** @param {string} plane @returns {Slice} */
  plane(plane) {
    const model = /** @type {Slice} */ (this.viewer.slice);
    const k = plane === 'coronal' ? this.cross.y : this.cross.x;
    return cut(this.slices, model, this.geometry, plane, k);
  }

  /** The voxel under a place of a pane. @param {Pane} pane @param {[number, number]} at film pixels of the pane */
  voxel(pane, [p, q]) {
    if (!pane.plane) return { x: p, y: q, z: this.viewer.z };
    const z = this.geometry.sliceAt(q);
    return pane.plane === 'coronal' ? { x: p, y: this.cross.y, z } : { x: this.cross.x, y: p, z };
  }

  /** Where a voxel lies on a pane, and how many pixels off its plane. @param {Pane} pane @param {number} x @param {number} y @param {number} z */
  place(pane, x, y, z) {
    const row = this.geometry.rowOf(z);
    if (pane.plane === 'coronal') return { at: /** @type {[number, number]} */ ([x, row]), off: Math.abs(y - this.cross.y) };
    if (pane.plane === 'sagittal') return { at: /** @type {[number, number]} */ ([y, row]), off: Math.abs(x - this.cross.x) };
    return { at: /** @type {[number, number]} */ ([x, y]), off: Math.abs(z - this.viewer.z) };
  }

  /** Move the crosshair to a voxel. @param {{x: number, y: number, z: number}} voxel */
  setCross({ x, y, z }) {
    const { w, h } = /** @type {Slice} */ (this.viewer.slice);
    this.cross = { x: Math.max(0, Math.min(w - 1, Math.round(x))), y: Math.max(0, Math.min(h - 1, Math.round(y))) };
    if (Math.round(z) !== this.target) this.goTo(z);
    this.#planes();
    this.viewer.redraw();
  }

  /** Where the crosshair stands on a pane. @param {Pane} pane @returns {[number, number]} */
  crossOn(pane) { return this.place(pane, this.cross.x, this.cross.y, this.viewer.z).at; }

  /** Scroll a pane through its own plane. @param {Pane} pane @param {number} by */
  scroll(pane, by) {
    if (!pane.plane) { this.step(by); return; }
    const { x, y } = this.cross;
    this.setCross(pane.plane === 'coronal' ? { x, y: y + by, z: this.target } : { x: x + by, y, z: this.target });
  }

  /** Slices that hold a mark, or a changed place after the call. */
  get noted() {
    const { marks, truth } = this.viewer;
    return { marks: new Set(marks.list.map((m) => m.z)), truth: new Set(truth?.regions.map((r) => r.z) ?? []) };
  }

  /** Marks near the plane of a pane, as points on it. @param {Pane} pane */
  marksOn(pane) {
    return this.viewer.marks.list.map((mark, index) => ({ mark, index, ...this.place(pane, ...middle(mark), mark.z) })).filter(({ off }) => off <= 2);
  }

  /** @param {Pane} pane */
  drawing(pane) { return planeDrawing(this.viewer, this, pane); }

  /** @param {Pane} pane */
  crossLines(pane) { return crossLines(this, pane); }

  destroy() {
    clearInterval(this.cine);
    this.bar.destroy();
  }
}
