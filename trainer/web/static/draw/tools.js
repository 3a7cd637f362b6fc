// @ts-check
// The tools that draw a place: brush, eraser, box; outline and ellipse are the viewer's own marks, poured into the place.
// Everything that a pointer does, the crosshair (arrow keys) does too.
import { TOOLS, closeOutline, inside } from '../viewer/viewer.js';

/** @typedef {import('../viewer/viewer.js').Viewer} Viewer */
/** @typedef {import('../viewer/pane.js').Pane} Pane */
/** @typedef {import('./region.js').Region} Region */

/**
 * What the page and the tools share.
 * @typedef {object} Desk
 * @property {() => Region} region
 * @property {() => Viewer} viewer
 * @property {number} radius of the brush, in film pixels
 * @property {boolean} minus shapes take away instead of adding
 * @property {[number, number]|null} pen where the keyboard's brush was last, while it is down
 * @property {() => void} refresh
 */

const DRAWS = ['brush', 'erase', 'outline', 'ellipse', 'frame'];
const on = { when: () => true };

/** Add the tools to the viewer's strip; before the viewer is made. @param {Desk} desk */
export function bring(desk) {
  TOOLS.brush = { ...on, label: 'Brush', key: 's', icon: 'M16 3l1 1-8 9-2-2zM6 12c-2 0-2 3-4 4c3 1 6 0 6-2z', drag: (v, pane, at) => stroke(desk, pane, at, !desk.minus) };
  TOOLS.erase = { ...on, label: 'Eraser', key: 'a', icon: 'M11 4l5 5-7 7H6l-3-3zM7 8l5 5M3 17h14', drag: (v, pane, at) => stroke(desk, pane, at, false) };
  TOOLS.frame = { ...on, label: 'Box', key: 'v', icon: 'M3 5h14v10H3z', drag: (v, pane, at) => box(desk, pane, at) };
  TOOLS.outline.label = 'Outline';
  TOOLS.ellipse.label = 'Ellipse';
  // first in the strip: on a phone only its beginning is in sight
  const others = Object.entries(TOOLS).filter(([id]) => !DRAWS.includes(id));
  const drawing = DRAWS.map((id) => /** @type {[string, import('../viewer/strip.js').Tool]} */ ([id, { ...TOOLS[id], gap: false }]));
  for (const id of Object.keys(TOOLS)) delete TOOLS[id];
  Object.assign(TOOLS, Object.fromEntries([...drawing, ...others]));
  TOOLS.window.gap = true;
}

/** @param {Desk} desk @param {Pane} pane */
function flat(desk, pane) {
  if (!pane.plane && desk.viewer().ready) return true;
  desk.viewer().say('Draw on the slices themselves.');
  return false;
}

/** @param {Desk} desk @param {Pane} pane @param {[number, number]} at @param {boolean} add */
function stroke(desk, pane, at, add) {
  if (!flat(desk, pane)) return null;
  const region = desk.region();
  const viewer = desk.viewer();
  let last = inside(pane, at);
  region.begin(viewer.z);
  region.line(last, last, desk.radius, add);
  viewer.redraw();
  return {
    move: (/** @type {number} */ x, /** @type {number} */ y) => {
      const now = inside(pane, [x, y]);
      region.line(last, now, desk.radius, add);
      last = now;
      viewer.redraw();
    },
    end: () => { region.end(); tell(desk); },
    cancel: () => { region.cancel(); viewer.redraw(); },
  };
}

/** @param {Desk} desk @param {Pane} pane @param {[number, number]} at */
function box(desk, pane, at) {
  if (!flat(desk, pane)) return null;
  const viewer = desk.viewer();
  const from = inside(pane, at);
  viewer.draft = { kind: 'box', points: [from, from] };
  return {
    move: (/** @type {number} */ x, /** @type {number} */ y) => {
      viewer.draft = { kind: 'box', points: [from, inside(pane, [x, y])] };
      viewer.redraw();
    },
    end: (/** @type {number} */ x, /** @type {number} */ y, /** @type {boolean} */ click) => {
      viewer.draft = null;
      if (!click) { desk.region().box(viewer.z, from, inside(pane, [x, y]), !desk.minus); tell(desk); }
      viewer.redraw();
    },
    cancel: () => { viewer.draft = null; viewer.redraw(); },
  };
}

/** Marks of the viewer are poured into the place as soon as they are whole. @param {Desk} desk */
export function pour(desk) {
  const viewer = desk.viewer();
  const marks = viewer.marks.list;
  if (!marks.length) return;
  queueMicrotask(() => { // the viewer says where the mark lies first
    viewer.marks.list = [];
    viewer.marks.past = [];
    viewer.marks.selected = -1;
    for (const { kind, points, z } of marks) desk.region().fill(z, kind === 'ellipse' ? round(points) : points, !desk.minus);
    tell(desk);
    viewer.redraw();
  });
}

/** Corners of an ellipse in its box. @param {[number, number][]} box @returns {[number, number][]} */
function round([[x0, y0], [x1, y1]]) {
  const [cx, cy, rx, ry] = [(x0 + x1) / 2, (y0 + y1) / 2, Math.abs(x1 - x0) / 2, Math.abs(y1 - y0) / 2];
  return Array.from({ length: 96 }, (_, i) => [cx + rx * Math.cos((i * Math.PI) / 48), cy + ry * Math.sin((i * Math.PI) / 48)]);
}

/** Say how large the place is now. @param {Desk} desk */
export function tell(desk) {
  const region = desk.region();
  const viewer = desk.viewer();
  const n = region.count(viewer.z);
  const where = region.slices > 1 ? ` in slice ${viewer.z + 1}` : '';
  viewer.say(n ? `${n} pixels drawn${where}` : 'nothing drawn here');
  desk.refresh();
}

// Keyboard ------------------------------------------------------------------------------------------------------------

/** Register before the viewer does, so that these come first. @param {Desk} desk @returns {import('../viewer/keys.js').Shortcut[]} */
export function shortcuts(desk) {
  const group = 'Drawing';
  const v = () => desk.viewer();
  const tool = (/** @type {string[]} */ ...ids) => () => ids.includes(v().tool);
  const stack = () => desk.region().slices > 1;
  const acts = verbs(desk);
  return [
    { id: 'draw.dab', group, label: 'Brush or rub out at the crosshair; first, then second corner of a box', keys: ['c'], when: tool('brush', 'erase', 'frame'), run: () => dab(desk) },
    { id: 'draw.pen', group, label: 'Pen down or up: the crosshair draws as it moves', keys: ['Shift+c'], when: tool('brush', 'erase'), run: () => pen(desk) },
    { id: 'draw.larger', group, label: 'Larger brush', keys: ['2'], run: () => acts.size(1.25) },
    { id: 'draw.smaller', group, label: 'Smaller brush', keys: ['1'], run: () => acts.size(0.8) },
    { id: 'draw.minus', group, label: 'Shapes take away, or add', keys: ['3'], run: acts.minus },
    { id: 'draw.undo', group, label: 'Undo', keys: ['u', 'Ctrl+z'], run: acts.undo },
    { id: 'draw.redo', group, label: 'Do again', keys: ['Shift+u', 'Ctrl+Shift+z', 'Ctrl+y'], run: acts.redo },
    { id: 'draw.clear', group, label: 'Clear this slice', keys: ['Delete'], run: acts.clear },
    { id: 'draw.copy', group, label: 'Copy to the next slice, and go there', keys: ['4'], when: stack, run: () => acts.copy(1) },
    { id: 'draw.copy-back', group, label: 'Copy to the previous slice, and go there', keys: ['Shift+4', '$'], when: stack, run: () => acts.copy(-1) },
    { id: 'draw.between', group, label: 'Fill in the slices between', keys: ['5'], when: stack, run: acts.between },
  ];
}

/** What buttons and keys do alike. @param {Desk} desk */
export function verbs(desk) {
  const v = () => desk.viewer();
  const moved = (/** @type {number|null} */ z, /** @type {string} */ word) => {
    if (z === null) { v().say(`nothing to ${word}`); return; }
    if (z !== v().z) v().goTo(z);
    tell(desk);
    v().redraw();
  };
  return {
    undo: () => {
      const { draft } = v();
      if (draft) { draft.points.pop(); if (!draft.points.length) v().draft = null; v().redraw(); v().say('corner taken back'); }
      else moved(desk.region().undo(), 'undo');
    },
    redo: () => moved(desk.region().redo(), 'do again'),
    clear: () => { desk.region().clear(v().z); moved(v().z, ''); },
    minus: () => { desk.minus = !desk.minus; desk.refresh(); v().say(desk.minus ? 'shapes take away' : 'shapes add'); },
    size: (/** @type {number} */ by) => {
      desk.radius = Math.min(400, Math.max(0.5, by > 1 ? Math.max(desk.radius * by, desk.radius + 0.5) : Math.min(desk.radius * by, desk.radius - 0.5)));
      desk.refresh();
      v().redraw();
      v().say(`brush ${Math.round(2 * desk.radius)} pixels wide`);
    },
    copy: (/** @type {number} */ way) => {
      const { z } = v();
      if (!desk.region().copy(z, z + way)) { v().say('nothing to copy, or no slice there'); return; }
      v().goTo(z + way);
      tell(desk);
    },
    between: () => {
      const n = desk.region().fillBetween();
      desk.refresh();
      v().redraw();
      v().say(n ? `${n} slices filled in between` : 'draw on two slices that have others between them');
    },
    close: () => closeOutline(v()),
  };
}

/** @param {Desk} desk */
function place(desk) {
  const v = desk.viewer();
  const slice = /** @type {import('../viewer/block.js').Slice} */ (v.slice);
  return (v.cursor ??= { x: (slice.w - 1) / 2, y: (slice.h - 1) / 2 });
}

/** @param {Desk} desk */
function dab(desk) {
  const v = desk.viewer();
  if (!v.slice || !flat(desk, v.pane)) return;
  const { x, y } = place(desk);
  if (v.tool !== 'frame') {
    desk.region().begin(v.z);
    desk.region().line([x, y], [x, y], desk.radius, v.tool === 'brush' && !desk.minus);
    desk.region().end();
    tell(desk);
  } else if (v.draft?.kind === 'box') {
    const [from] = v.draft.points;
    v.draft = null;
    desk.region().box(v.z, from, [x, y], !desk.minus);
    tell(desk);
  } else {
    v.draft = { kind: 'box', points: [[x, y], [x, y]] };
    v.say('first corner');
  }
  v.redraw();
}

/** @param {Desk} desk */
function pen(desk) {
  const v = desk.viewer();
  if (!v.slice || !flat(desk, v.pane)) return;
  if (desk.pen) {
    desk.pen = null;
    desk.region().end();
    v.say('pen up');
  } else {
    const { x, y } = place(desk);
    desk.pen = [x, y];
    desk.region().begin(v.z);
    desk.region().line([x, y], [x, y], desk.radius, v.tool === 'brush' && !desk.minus);
    v.say('pen down');
  }
  desk.refresh();
  v.redraw();
}

/** The crosshair has moved: a pen that is down draws along. Called with every picture. @param {Desk} desk */
export function follow(desk) {
  const v = desk.viewer();
  const { cursor, draft } = v;
  if (draft?.kind === 'box' && cursor && !cursor.hover && draft.points.length === 2) draft.points[1] = [cursor.x, cursor.y];
  if (!desk.pen || !cursor || cursor.hover) return;
  const elsewhere = desk.region().stroke?.z !== v.z; // the slice was changed: a stroke is of one slice
  if (elsewhere || (v.tool !== 'brush' && v.tool !== 'erase')) { desk.pen = null; desk.region().end(); return; }
  if (cursor.x === desk.pen[0] && cursor.y === desk.pen[1]) return;
  const to = /** @type {[number, number]} */ ([cursor.x, cursor.y]);
  desk.region().line(desk.pen, to, desk.radius, v.tool === 'brush' && !desk.minus);
  desk.pen = to;
  desk.refresh();
}
