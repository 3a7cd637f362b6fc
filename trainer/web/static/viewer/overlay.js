// @ts-check
// Lines over the film: marks, truth, crosshair. Two strokes each, dark under light, so that they show on bone and on air.
import { svg } from './dom.js';
import { middle } from './marks.js';

/** @typedef {import('./pane.js').Pane} Pane */
/** @typedef {import('./marks.js').Mark} Mark */

/**
 * @typedef {object} Drawing
 * @property {Mark[]} marks
 * @property {number} selected
 * @property {(mark: Mark, index: number) => string} caption
 * @property {(boolean|null)[]} hits per mark, after the call
 * @property {import('./truth.js').Region[]} regions
 * @property {import('./truth.js').Region[]} looked regions of the place looked at
 * @property {number} opacity of the tint
 * @property {number} z
 * @property {{x: number, y: number}|null} cursor
 * @property {{kind: string, points: [number, number][]}|null} draft what is being drawn
 */

/** @param {Pane} pane @param {Drawing} d @param {Node[]} [more] */
export function drawLines(pane, d, more = []) {
  const parts = [];
  for (const region of d.regions) {
    if (region.z === d.z) parts.push(truthShape(pane, region, d.opacity, d.looked.includes(region)));
  }
  d.marks.forEach((mark, i) => {
    if (mark.z === d.z) parts.push(...markShape(pane, mark, i, d));
  });
  if (d.draft) parts.push(twice(shape(pane, d.draft.kind, d.draft.points), 'v-mark v-draft'));
  if (d.cursor) parts.push(twice(cross(pane.css(d.cursor.x, d.cursor.y), 12, 4), 'v-cursor'));
  pane.lines.replaceChildren(...parts, ...more);
}

/** @param {Pane} pane @param {import('./truth.js').Region} region @param {number} opacity @param {boolean} looked */
function truthShape(pane, region, opacity, looked) {
  const name = ['v-truth', region.mimic && 'v-mimic', looked && 'v-looked'].filter(Boolean).join(' ');
  const node = svg('path', { d: polygon(pane, region.points), class: name });
  node.style.fillOpacity = String(opacity);
  return node;
}

/** @param {Pane} pane @param {Mark} mark @param {number} i @param {Drawing} d */
function markShape(pane, mark, i, d) {
  const hit = d.hits[i] ?? null;
  const name = ['v-mark', i === d.selected && 'v-selected', hit === true && 'v-hit', hit === false && 'v-miss'].filter(Boolean).join(' ');
  const [x, y] = pane.css(...middle(mark));
  const text = svg('text', { x: x + 20, y: y + 4, class: name, text: d.caption(mark, i) });
  return [twice(shape(pane, mark.kind, mark.points), name), text];
}

/** @param {Pane} pane @param {string} kind @param {[number, number][]} points @returns {string} path data */
function shape(pane, kind, points) {
  if (kind === 'point') {
    const [x, y] = pane.css(...points[0]);
    return `M${x - 15} ${y}a15 15 0 1 0 30 0a15 15 0 1 0 -30 0`;
  }
  if (kind === 'ellipse' || kind === 'box') {
    const [x0, y0] = pane.css(...points[0]);
    const [x1, y1] = pane.css(...(points[1] ?? points[0]));
    if (kind === 'box') return `M${x0} ${y0}H${x1}V${y1}H${x0}Z`;
    const rx = Math.abs(x1 - x0) / 2;
    const ry = Math.abs(y1 - y0) / 2;
    return `M${Math.min(x0, x1)} ${(y0 + y1) / 2}a${rx} ${ry} 0 1 0 ${2 * rx} 0a${rx} ${ry} 0 1 0 ${-2 * rx} 0`;
  }
  return polygon(pane, points, kind === 'outline');
}

/** @param {Pane} pane @param {[number, number][]} points @param {boolean} [closed] */
function polygon(pane, points, closed = true) {
  return `M${points.map((p) => pane.css(...p).map((v) => v.toFixed(1)).join(' ')).join('L')}${closed ? 'Z' : ''}`;
}

/** @param {[number, number]} at @param {number} arm @param {number} gap */
function cross([x, y], arm, gap) {
  return `M${x - arm} ${y}H${x - gap}M${x + gap} ${y}H${x + arm}M${x} ${y - arm}V${y - gap}M${x} ${y + gap}V${y + arm}`;
}

/** @param {string} d @param {string} name */
function twice(d, name) {
  return svg('g', { class: name }, svg('path', { d, class: 'v-under' }), svg('path', { d }));
}

export { cross, polygon, shape, twice };
