// @ts-check
// What lies over a reformatted plane: marks and changed places where they meet it, and the crosshair.
import { svg } from './dom.js';

/** @typedef {import('./viewer.js').Viewer} Viewer */
/** @typedef {import('./pane.js').Pane} Pane */

/** Marks and changed places where they meet a reformatted plane. @param {Viewer} viewer @param {import('./stack.js').Stack} stack @param {Pane} pane */
export function planeDrawing(viewer, stack, pane) {
  const near = stack.marksOn(pane);
  const hits = viewer.truth?.hits ?? [];
  const k = pane.plane === 'coronal' ? stack.cross.y : stack.cross.x;
  const axis = pane.plane === 'coronal' ? 1 : 0;
  const regions = (viewer.truth?.shown ?? []).flatMap((region) => chords(region.points, axis, k).map(([a, b]) => {
    const row = stack.geometry.rowOf(region.z);
    return { z: viewer.z, label: region.label, points: /** @type {[number, number][]} */ ([[a, row - 0.5], [b, row - 0.5], [b, row + 0.5], [a, row + 0.5]]) };
  }));
  return {
    marks: near.map(({ mark, at }) => ({ ...mark, kind: /** @type {const} */ ('point'), points: [at], z: viewer.z })),
    hits: near.map(({ index }) => hits[index] ?? null),
    regions,
  };
}

/** Where the line `coordinate[axis] = k` runs inside an outline. @param {[number, number][]} points @param {number} axis @param {number} k */
function chords(points, axis, k) {
  const other = 1 - axis;
  const crossings = points.flatMap((p, i) => {
    const q = points[(i + 1) % points.length];
    if ((p[axis] > k) === (q[axis] > k)) return [];
    return [p[other] + ((k - p[axis]) / (q[axis] - p[axis])) * (q[other] - p[other])];
  }).sort((a, b) => a - b);
  return crossings.flatMap((c, i) => (i % 2 ? [] : [[c, crossings[i + 1]]]));
}

/** The crosshair of the three planes, edge to edge. @param {import('./stack.js').Stack} stack @param {Pane} pane */
export function crossLines(stack, pane) {
  const [x, y] = pane.css(...stack.crossOn(pane));
  const [W, H] = [pane.W / pane.ratio, pane.H / pane.ratio];
  return [svg('path', { class: 'v-cross', d: `M0 ${y}H${x - 16}M${x + 16} ${y}H${W}M${x} 0V${y - 16}M${x} ${y + 16}V${H}` })];
}
