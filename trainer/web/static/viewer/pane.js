// @ts-check
// One picture on the stage: a canvas, an overlay of lines above it, four corners of text, and where it looks.
import { CpuPainter } from './paint_cpu.js';
import { el, svg } from './dom.js';
import { fit, matrix, toCanvas, toFilm } from './geometry.js';

/** @typedef {import('./block.js').Slice} Slice */
/** @typedef {import('./geometry.js').View} View */

export class Pane {
  /**
   * @param {HTMLElement} parent
   * @param {string} label accessible name
   * @param {(pane: Pane) => import('./paint_cpu.js').Layer[]} layers what to draw now
   * @param {(pane: Pane, layers: import('./paint_cpu.js').Layer[]) => void} annotate draws the overlay and the corners
   */
  constructor(parent, label, layers, annotate) {
    this.canvas = el('canvas', { 'aria-hidden': 'true' });
    this.lines = svg('svg', { 'aria-hidden': 'true', class: 'v-lines' });
    this.corners = Object.fromEntries(['tl', 'bl', 'br'].map((at) => [at, el('div', { class: `v-corner v-${at}` })]));
    this.box = el('div', {
      class: 'v-pane', tabindex: 0, role: 'application', 'aria-roledescription': 'film', 'aria-label': label,
    }, this.canvas, this.lines, ...Object.values(this.corners));
    parent.append(this.box);
    this.layers = layers;
    this.annotate = annotate;
    /** @type {CpuPainter|import('./paint_gl.js').GlPainter} */
    this.painter = new CpuPainter(this.canvas);
    /** @type {import('./loupe.js').Loupe|null} */
    this.loupe = null;
    /** @type {Slice|null} the slice that gives size and values */
    this.slice = null;
    /** @type {View} */
    this.view = { zoom: 1, cx: 0, cy: 0, turn: 0, flip: false };
    this.fitted = true;
    this.smooth = true;
    /** id of the lens on this pane, or '' */
    this.lens = '';
    /** '' for the film as it is, else the plane of a stack */
    this.plane = '';
    this.ratio = 1;
    this.frame = 0;
    this.frames = 0;
    /** @type {(() => void)|null} called once, after the first picture */
    this.onFirst = null;
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.box);
  }

  get W() { return this.canvas.width; }
  get H() { return this.canvas.height; }

  /** Matrix from film to canvas pixels. */
  get m() { return matrix(this.view, /** @type {Slice} */ (this.slice), this.W, this.H); }

  resize() {
    this.ratio = Math.min(window.devicePixelRatio || 1, 3);
    const W = Math.max(1, Math.round(this.box.clientWidth * this.ratio));
    const H = Math.max(1, Math.round(this.box.clientHeight * this.ratio));
    if (W !== this.W || H !== this.H) {
      this.canvas.width = W;
      this.canvas.height = H;
    }
    if (this.fitted) this.fit();
    this.redraw();
  }

  /** @param {Slice} slice */
  show(slice) {
    const first = !this.slice || this.slice.w !== slice.w || this.slice.h !== slice.h;
    this.slice = slice;
    if (first) { this.resize(); this.fit(); }
    this.redraw();
  }

  fit() {
    if (!this.slice) return;
    this.view = fit(this.slice, this.W, this.H, this.view);
    this.fitted = true;
    this.redraw();
  }

  /** @param {View} view */
  look(view) {
    this.view = view;
    this.fitted = false;
    this.redraw();
  }

  /** Film coordinates of a place in CSS pixels of the pane. @param {number} x @param {number} y */
  film(x, y) { return toFilm(this.m, x * this.ratio, y * this.ratio); }

  /** CSS pixels of the pane for a place on the film. @param {number} x @param {number} y @returns {[number, number]} */
  css(x, y) {
    const [X, Y] = toCanvas(this.m, x, y);
    return [X / this.ratio, Y / this.ratio];
  }

  /** Film pixels that one CSS pixel spans. */
  get reach() { return this.ratio / this.view.zoom; }

  redraw() {
    this.frame ||= requestAnimationFrame(() => { this.frame = 0; this.draw(); });
  }

  draw() {
    if (!this.slice || !this.box.isConnected) return;
    const layers = this.layers(this);
    try {
      this.painter.draw({ layers, m: this.m, smooth: this.smooth });
    } catch (error) {
      if (this.painter.kind === 'cpu') throw error;
      this.fallBack();
      return;
    }
    this.annotate(this, layers);
    this.frames++;
    if (this.onFirst) { const tell = this.onFirst; this.onFirst = null; tell(); }
  }

  /**
   * Move to the graphics card once the film is on screen, so that it never delays the first picture.
   * @param {boolean} software also where WebGL is computed in software
   */
  async upgrade(software) {
    const { GlPainter } = await import('./paint_gl.js');
    const canvas = el('canvas', { 'aria-hidden': 'true', width: this.W, height: this.H });
    let painter;
    try {
      painter = new GlPainter(canvas, software);
    } catch {
      return; // the canvas renderer goes on
    }
    if (!this.box.isConnected) { painter.destroy(); return; }
    canvas.addEventListener('webglcontextlost', () => this.fallBack());
    this.#swap(canvas, painter);
  }

  /** Back to the canvas renderer: the graphics context was lost or refuses this film. */
  fallBack() {
    if (this.painter.kind === 'cpu') return;
    const canvas = el('canvas', { 'aria-hidden': 'true', width: this.W, height: this.H });
    this.#swap(canvas, new CpuPainter(canvas));
  }

  /** @param {HTMLCanvasElement} canvas @param {CpuPainter|import('./paint_gl.js').GlPainter} painter */
  #swap(canvas, painter) {
    this.canvas.replaceWith(canvas);
    this.canvas = canvas;
    this.painter = painter;
    this.draw();
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    this.sizes.disconnect();
    this.painter.destroy();
    this.box.remove();
  }
}
