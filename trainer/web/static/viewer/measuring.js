// @ts-check
// The lenses that read a part of the film: box and ellipse, profile, spectrum, histogram. Loaded with the first of them.
import { svg } from './dom.js';
import { inside } from './input.js';
import { short } from './looking.js';
import { cross, shape, twice } from './overlay.js';

/** @typedef {import('./viewer.js').Viewer} Viewer */
/** @typedef {import('./pane.js').Pane} Pane */
/** @typedef {[number, number]} Place */
/** @typedef {{kind: 'box'|'ellipse', points: [Place, Place], z: number, found?: import('./lens/regions.js').Numbers}} Region */

const START = 32; // pixels of a box set by one key or click

export class Measuring {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    /** @type {'box'|'ellipse'} */
    this.kind = 'box';
    /** the newest last; two are compared @type {Region[]} */
    this.regions = [];
    /** @type {{points: [Place, Place], z: number, found?: {length: number, values: Float64Array}}|null} */
    this.line = null;
    /** @type {Place|null} first end of a line set by key */
    this.end = null;
    this.size = 128;
    /** @type {{at: Place, z: number, found?: ReturnType<typeof import('./lens/regions.js').spectrum>}|null} */
    this.square = null;
    /** @type {{low: number, high: number, counts: Float64Array}|null} */
    this.histogram = null;
    /** @type {{slice: object, key: string}|null} what the histogram is of */
    this.histogramOf = null;
    /** @type {Map<string, {running: boolean, next: (() => Promise<void>)|null}>} one question at a time for each lens, the newest kept */
    this.queue = new Map();
    /** the tool whose newest numbers are to be said when they come, or '' */
    this.untold = '';
  }

  /** @param {Pane} pane @param {string} tool @param {Place} at CSS pixels @returns {import('./input.js').Drag} */
  drag(pane, tool, at) {
    const start = inside(pane, at);
    const z = this.viewer.z;
    if (tool === 'spectrum') {
      this.#spectrum(start);
      return { move: (x, y) => this.#spectrum(inside(pane, [x, y])), end: () => this.tell() };
    }
    if (tool === 'profile') {
      return { move: (x, y) => this.setLine([start, inside(pane, [x, y])]), end: () => this.tell() };
    }
    /** @type {Region} */
    const region = { kind: this.kind, points: [start, start], z };
    let begun = false;
    return {
      move: (x, y) => {
        if (!begun) this.regions = [...this.regions, region].slice(-2);
        begun = true;
        region.points = [start, inside(pane, [x, y])];
        this.#ask(region);
      },
      end: (_x, _y, click) => {
        if (click) this.place(...start); else this.tell();
      },
    };
  }

  /** What `c` and a click do: a box of a set size, the next end of a line, a spectrum. @param {number} x @param {number} y */
  place(x, y) {
    const { tool, z } = this.viewer;
    if (tool === 'spectrum') this.#spectrum([x, y]);
    else if (tool === 'profile') {
      if (tool === 'profile' && this.end) { this.setLine([this.end, [x, y]]); this.end = null; }
      else { this.end = [x, y]; this.viewer.say('first end set'); return; }
    } else this.setRegion({ kind: this.kind, points: [[x - START / 2, y - START / 2], [x + START / 2, y + START / 2]], z });
    this.tell();
  }

  /** @param {Region} region @param {Region} [replaces] */
  setRegion(region, replaces) {
    this.regions = replaces ? this.regions.map((r) => (r === replaces ? region : r)) : [...this.regions, region].slice(-2);
    this.#ask(region);
  }

  /** @param {[Place, Place]} points */
  setLine(points) {
    const line = (this.line = { points, z: this.viewer.z, found: this.line?.found });
    this.#run('profile', async () => { line.found = await this.#lens('profile', points); });
  }

  /** @param {number} size */
  setSize(size) {
    this.size = size;
    if (this.square) this.#spectrum(this.square.at);
  }

  clear() {
    this.regions = [];
    this.line = this.square = this.end = null;
    this.viewer.redraw();
  }

  /** The histogram of the newest box, or of the whole film; asked for anew when either changes. */
  needHistogram() {
    const { slice } = this.viewer;
    const region = this.regions[this.regions.length - 1] ?? null;
    const key = JSON.stringify(region && [region.kind, region.points]);
    if (!slice || (this.histogramOf?.slice === slice && this.histogramOf.key === key)) return;
    this.histogramOf = { slice, key };
    this.#run('histogram', async () => { this.histogram = await this.#lens('histogram', region && { kind: region.kind, points: region.points }); });
  }

  /** @param {Region} region */
  #ask(region) {
    const { kind, points } = region;
    this.#run('region', async () => { region.found = await this.#lens('numbers', { kind, points }); });
  }

  /** @param {Place} at */
  #spectrum(at) {
    const square = (this.square = { at, z: this.viewer.z, found: this.square?.found });
    this.#run('spectrum', async () => { square.found = await this.#lens('spectrum', ...at, this.size); });
  }

  /** @param {string} name @param {...any} args */
  async #lens(name, ...args) {
    const client = await this.viewer.lensClient();
    return client.ask(/** @type {any} */ (this.viewer.slice), name, ...args);
  }

  /** @param {string} name @param {() => Promise<void>} work */
  async #run(name, work) {
    const slot = this.queue.get(name) ?? { running: false, next: null };
    this.queue.set(name, slot);
    this.viewer.redraw();
    if (slot.running) { slot.next = work; return; }
    slot.running = true;
    try {
      await work();
    } catch (error) {
      this.untold = '';
      this.viewer.say(/** @type {Error} */ (error).message);
    }
    slot.running = false;
    this.viewer.redraw();
    const { next } = slot;
    slot.next = null;
    if (next) this.#run(name, next);
    else if (this.untold === name) this.tell();
  }

  /** Say the newest numbers, once they are there. */
  tell() {
    const { tool } = this.viewer;
    const underWay = this.queue.get(tool)?.running;
    this.untold = underWay ? tool : '';
    if (underWay) return;
    const region = this.regions[this.regions.length - 1];
    if (tool === 'region' && region?.found) this.viewer.say(this.describe(region));
    if (tool === 'spectrum' && this.square?.found) this.viewer.say(`spectrum of ${this.square.found.n} pixels; strongest peak ${this.square.found.peak.ratio.toFixed(1)} times its ring`);
    if (tool === 'profile' && this.line?.found) this.viewer.say(`profile of ${Math.round(this.line.found.length)} pixels`);
  }

  /** In modality values. @param {Region} region */
  inUnits({ found }) {
    const { slope, intercept } = /** @type {import('./block.js').Slice} */ (this.viewer.slice);
    if (!found?.count) return null;
    const mean = found.mean * slope + intercept;
    const sd = found.sd * Math.abs(slope);
    return { count: found.count, mean, sd, snr: mean / sd };
  }

  /** @param {Region} region */
  describe(region) {
    const n = this.inUnits(region);
    return n ? `mean ${n.mean.toFixed(1)}, SD ${n.sd.toFixed(1)}, ${n.count} pixels` : 'no pixel inside';
  }

  /** Lines over the film. @param {Pane} pane @returns {Node[]} */
  shapes(pane) {
    const { z, tool } = this.viewer;
    const nodes = [];
    this.regions.forEach((r, i) => {
      if (r.z !== z || (tool !== 'region' && tool !== 'histogram')) return;
      nodes.push(twice(shape(pane, r.kind, r.points), 'v-measure'));
      const corners = r.points.map((p) => pane.css(...p));
      const n = this.inUnits(r);
      nodes.push(svg('text', { x: Math.min(corners[0][0], corners[1][0]), y: Math.min(corners[0][1], corners[1][1]) - 6, class: 'v-measure',
        text: 'AB'[i] + (n ? ` ${short(n.mean)} ± ${short(n.sd)}` : '') }));
    });
    if (tool === 'profile' && this.line?.z === z) nodes.push(twice(`M${this.line.points.map((p) => pane.css(...p).join(' ')).join('L')}`, 'v-measure'));
    if (tool === 'profile' && this.end) nodes.push(twice(cross(pane.css(...this.end), 8, 2), 'v-measure'));
    if (tool === 'spectrum' && this.square?.found && this.square.z === z) {
      const { x0, y0, n } = this.square.found;
      nodes.push(twice(shape(pane, 'box', [[x0 - 0.5, y0 - 0.5], [x0 + n - 0.5, y0 + n - 0.5]]), 'v-measure'));
    }
    return nodes;
  }
}
