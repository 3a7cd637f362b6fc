// @ts-check
// The magnifier: a round glass that follows the crosshair.
import { CpuPainter } from './paint_cpu.js';
import { el } from './dom.js';
import { matrix } from './geometry.js';

const SIZE = 220;
const TIMES = 3;

export class Loupe {
  /** @param {import('./pane.js').Pane} pane */
  constructor(pane) {
    this.pane = pane;
    this.canvas = el('canvas', { class: 'v-loupe', 'aria-hidden': 'true', hidden: true });
    pane.lines.before(this.canvas);
    this.painter = new CpuPainter(this.canvas);
  }

  /** @param {{x: number, y: number}|null} cursor @param {import('./paint_cpu.js').Layer[]} layers */
  draw(cursor, layers) {
    const { pane, canvas } = this;
    canvas.hidden = !cursor || !pane.slice;
    if (!cursor || !pane.slice) return;
    const side = Math.round(SIZE * pane.ratio);
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const [x, y] = pane.css(cursor.x, cursor.y);
    canvas.style.left = `${x - SIZE / 2}px`;
    canvas.style.top = `${y - SIZE / 2}px`;
    const m = matrix({ ...pane.view, zoom: pane.view.zoom * TIMES, cx: cursor.x, cy: cursor.y }, pane.slice, side, side);
    const left = x * pane.ratio - side / 2;
    const split = (/** @type {number} */ at) => side / 2 + (at - left - side / 2) * TIMES;
    this.painter.draw({ layers: layers.map((l) => ({ ...l, from: l.from ? split(l.from) : 0, to: l.to < pane.W ? split(l.to) : side })), m, smooth: pane.smooth });
  }

  destroy() { this.canvas.remove(); }
}
