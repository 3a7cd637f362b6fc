// @ts-check
// A drawn place over the film: a tint, and a line where it ends. One canvas of film size, painted where it changed.

/** @typedef {import('../viewer/viewer.js').Viewer} Viewer */
/** @typedef {import('../viewer/pane.js').Pane} Pane */
/** @typedef {import('./region.js').Region} Region */
/** @typedef {import('./region.js').Rect} Rect */

const TINT = 70;
const LINE = 235;

export class Tint {
  /** @param {number} w @param {number} h @param {[number, number, number]} rgb */
  constructor(w, h, rgb) {
    this.canvas = document.createElement('canvas');
    this.canvas.width = w;
    this.canvas.height = h;
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
    this.rgb = rgb;
    this.z = -1;
    /** Film pixels of the line round the place. */
    this.border = 1;
  }

  /** @param {Region} region @param {number} z @param {Rect} [rect] */
  paint(region, z, rect = region.whole) {
    this.z = z;
    const { w, h } = region;
    const k = this.border;
    const x0 = Math.max(0, rect.x0 - k);
    const y0 = Math.max(0, rect.y0 - k);
    const W = Math.min(w - 1, rect.x1 + k) - x0 + 1;
    const H = Math.min(h - 1, rect.y1 + k) - y0 + 1;
    if (W < 1 || H < 1) return;
    const mask = region.mask(z);
    if (!mask) {
      this.context.clearRect(x0, y0, W, H);
      return;
    }
    const image = this.context.createImageData(W, H);
    const [r, g, b] = this.rgb;
    for (let y = 0; y < H; y++) {
      for (let x = 0; x < W; x++) {
        const at = (y + y0) * w + x + x0;
        if (!mask[at]) continue;
        const i = 4 * (y * W + x);
        const X = x + x0;
        const Y = y + y0;
        const inner = X >= k && X + k < w && Y >= k && Y + k < h && mask[at - k] && mask[at + k] && mask[at - k * w] && mask[at + k * w];
        image.data[i] = r;
        image.data[i + 1] = g;
        image.data[i + 2] = b;
        image.data[i + 3] = inner ? TINT : LINE;
      }
    }
    this.context.putImageData(image, x0, y0);
  }
}

/**
 * Show places over every pane of a viewer, as they are on the slice on show.
 * @param {Viewer} viewer @param {() => {region: Region, tint: Tint}[]} layers
 * @param {() => number} [tip] radius of the brush in film pixels, 0 for none
 */
export function overlay(viewer, layers, tip = () => 0) {
  /** @type {WeakMap<Pane, HTMLCanvasElement>} */
  const canvases = new WeakMap();
  const hook = (/** @type {Pane} */ pane) => {
    const before = pane.annotate;
    pane.annotate = (p, drawn) => {
      before(p, drawn);
      draw(p);
    };
    return pane;
  };
  const draw = (/** @type {Pane} */ pane) => {
    let canvas = canvases.get(pane);
    if (!canvas) {
      canvas = document.createElement('canvas');
      canvas.className = 'v-region';
      canvas.setAttribute('aria-hidden', 'true');
      pane.lines.before(canvas);
      canvases.set(pane, canvas);
    }
    if (canvas.width !== pane.W || canvas.height !== pane.H) {
      canvas.width = pane.W;
      canvas.height = pane.H;
    }
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (pane.plane || !pane.slice) return; // places are drawn on the slices themselves
    const { a, b, c, d, e, f } = pane.m;
    context.setTransform(a, b, c, d, e, f);
    context.imageSmoothingEnabled = false;
    const border = Math.max(1, Math.round(1.6 * pane.reach));
    for (const { region, tint } of layers()) {
      if (tint.z !== viewer.z || tint.border !== border) {
        tint.border = border;
        tint.context.clearRect(0, 0, region.w, region.h);
        tint.paint(region, viewer.z);
      }
      context.drawImage(tint.canvas, -0.5, -0.5);
    }
    if (tip() && viewer.cursor) ring(context, viewer.cursor, tip(), pane.reach);
  };
  viewer.panes.forEach(hook);
  const add = viewer.addPane.bind(viewer);
  viewer.addPane = (label, plane) => hook(add(label, plane));
  viewer.redraw();
}

/** The tip of the brush, dark under light. @param {CanvasRenderingContext2D} context @param {{x: number, y: number}} at @param {number} radius @param {number} reach */
function ring(context, { x, y }, radius, reach) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  for (const [colour, width] of /** @type {[string, number][]} */ ([['rgb(0 0 0 / 70%)', 3.5], ['#fff', 1.5]])) {
    context.strokeStyle = colour;
    context.lineWidth = width * reach;
    context.stroke();
  }
}
