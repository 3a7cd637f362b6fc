// @ts-check
// Mouse, pen and touch on a pane. Two fingers always pinch and pan; one does what the tool says.
import { hit, middle } from './marks.js';
import { TOOLS } from './strip.js';

/** @typedef {import('./viewer.js').Viewer} Viewer */
/** @typedef {import('./pane.js').Pane} Pane */
/**
 * A drag under way: `move` gets CSS pixels of the pane, `end` the same and whether it was a click.
 * @typedef {{move: (x: number, y: number) => void, end?: (x: number, y: number, click: boolean) => void, cancel?: () => void}} Drag
 */

const CLICK = 4;

/** @param {Viewer} viewer @param {Pane} pane */
export function listen(viewer, pane) {
  /** @type {Map<number, [number, number]>} */
  const down = new Map();
  /** @type {Drag|null} */
  let drag = null;
  let from = [0, 0];
  let far = 0;
  const { box } = pane;
  const place = (/** @type {MouseEvent} */ e) => {
    const r = box.getBoundingClientRect();
    return /** @type {[number, number]} */ ([e.clientX - r.left, e.clientY - r.top]);
  };

  box.addEventListener('pointerdown', (/** @type {PointerEvent} */ e) => {
    if (!pane.slice) return;
    box.focus({ preventScroll: true });
    viewer.last = pane;
    e.preventDefault();
    try { box.setPointerCapture(e.pointerId); } catch { /* a pointer that has already gone */ }
    const at = place(e);
    down.set(e.pointerId, at);
    if (down.size === 2) {
      drag?.cancel?.();
      drag = pinch(viewer, pane, down);
      return;
    }
    if (down.size > 2) return;
    from = at;
    far = 0;
    const tool = e.button === 1 ? 'pan' : e.button === 2 ? 'zoom' : viewer.tool;
    drag = begin(viewer, pane, tool, at, e);
  });

  box.addEventListener('pointermove', (/** @type {PointerEvent} */ e) => {
    const at = place(e);
    if (!down.size) hover(viewer, pane, at);
    if (!down.has(e.pointerId)) return;
    down.set(e.pointerId, at);
    far = Math.max(far, Math.hypot(at[0] - from[0], at[1] - from[1]));
    drag?.move(...at);
  });

  const finish = (/** @type {PointerEvent} */ e) => {
    if (!down.delete(e.pointerId)) return;
    if (e.type === 'pointercancel') drag?.cancel?.();
    else if (!down.size) drag?.end?.(...place(e), far < CLICK);
    if (!down.size || down.size === 1) drag = null;
  };
  box.addEventListener('pointerup', finish);
  box.addEventListener('pointercancel', finish);
  box.addEventListener('contextmenu', (/** @type {Event} */ e) => e.preventDefault());
  box.addEventListener('pointerleave', () => { if (!down.size && viewer.marks.selected < 0) { viewer.cursor = null; viewer.redraw(); } });

  box.addEventListener('wheel', (/** @type {WheelEvent} */ e) => {
    if (!pane.slice) return;
    e.preventDefault();
    const [x, y] = place(e);
    if (viewer.stack && !e.ctrlKey) { viewer.stack.scroll(pane, Math.sign(e.deltaY)); return; }
    const lines = e.deltaMode === 1 ? 30 : 1;
    viewer.zoomBy(Math.exp((-e.deltaY * lines) / 500), pane, x * pane.ratio, y * pane.ratio);
  }, { passive: false });

  box.addEventListener('dblclick', () => { if (viewer.draft?.kind === 'outline') closeOutline(viewer); });
}

/** The value under a resting mouse is told in the corner; a keyboard's crosshair is not moved. @param {Viewer} viewer @param {Pane} pane @param {[number, number]} at */
function hover(viewer, pane, at) {
  if (!pane.slice || viewer.marks.selected >= 0) return;
  const [x, y] = pane.film(...at);
  viewer.cursor = { x, y, hover: pane, plane: pane.plane };
  viewer.panes.forEach((p) => p.redraw());
}

/** @param {Viewer} viewer @param {Pane} pane @param {string} tool @param {[number, number]} at @param {PointerEvent} event @returns {Drag|null} */
function begin(viewer, pane, tool, at, event) {
  if (viewer.truth?.mode === 'wipe' && nearWipe(viewer, pane, at)) return wipe(viewer, pane);
  const { drag } = TOOLS[tool];
  if (drag) return drag(viewer, pane, at, event);
  if (TOOLS[tool].measures) return viewer.measuring?.drag(pane, tool, at) ?? null;
  if (['point', 'ellipse', 'outline'].includes(tool)) return mark(viewer, pane, tool, at, event.pointerType === 'touch');
  const { stack } = viewer;
  if (tool === 'cross' && stack) {
    const set = (/** @type {number} */ x, /** @type {number} */ y) => stack.setCross(stack.voxel(pane, inside(pane, [x, y])));
    set(...at);
    return { move: set };
  }
  if (tool === 'slices' && stack) {
    let last = at[1];
    return { move: (_, y) => { const by = Math.trunc((y - last) / 6); if (by) { last += by * 6; stack.scroll(pane, by); } } };
  }
  if (tool === 'pan') {
    let last = at;
    return { move: (x, y) => { viewer.panBy((x - last[0]) * pane.ratio, (y - last[1]) * pane.ratio, pane); last = [x, y]; } };
  }
  if (tool === 'zoom') {
    const { zoom } = pane.view;
    const [X, Y] = [at[0] * pane.ratio, at[1] * pane.ratio];
    return { move: (_, y) => viewer.zoomTo(zoom * Math.exp((at[1] - y) / 150), pane, X, Y) };
  }
  return windowDrag(viewer, pane, at);
}

/** Right widens, down darkens; a click on a mark selects it. @param {Viewer} viewer @param {Pane} pane @param {[number, number]} at @returns {Drag} */
function windowDrag(viewer, pane, at) {
  const { centre, width } = viewer.greyOf(pane);
  const step = width / 400;
  return {
    move: (x, y) => {
      if (Math.hypot(x - at[0], y - at[1]) >= CLICK) viewer.setWindow(centre + (y - at[1]) * step, width + (x - at[0]) * step, '', pane);
    },
    end: (x, y, click) => {
      if (click && !pane.plane) viewer.select(under(viewer, pane, [x, y], false));
    },
  };
}

/** @param {Viewer} viewer @param {Pane} pane @param {[number, number]} at @param {boolean} finger */
function under(viewer, pane, at, finger) {
  return hit(viewer.marks.list, viewer.z, ...pane.film(...at), (finger ? 24 : 16) * pane.reach);
}

/** @param {Viewer} viewer @param {Pane} pane @param {string} tool @param {[number, number]} at @param {boolean} finger @returns {Drag|null} */
function mark(viewer, pane, tool, at, finger) {
  const found = viewer.truth || viewer.draft || pane.plane ? -1 : under(viewer, pane, at, finger);
  if (found >= 0) return moveMark(viewer, pane, found, at);
  if (!viewer.canMark(tool)) { viewer.addMark(tool, []); return null; }
  const start = inside(pane, at);
  if (pane.plane && viewer.stack) {
    const { x, y, z } = viewer.stack.voxel(pane, start);
    if (tool === 'point') viewer.addMark('point', [[x, y]], z);
    else viewer.say('Draw ellipses and outlines on the slices themselves.');
    return null;
  }
  if (tool === 'outline') return outline(viewer, pane, start);
  /** @type {[number, number][]} */
  const points = tool === 'point' ? [start] : [start, start];
  viewer.draft = { kind: tool, points };
  viewer.redraw();
  return {
    move: (x, y) => { points[points.length - 1] = inside(pane, [x, y]); viewer.redraw(); },
    end: (_x, _y, click) => {
      if (tool === 'ellipse' && click) spread(points, 24 * pane.reach);
      viewer.draft = null;
      viewer.addMark(tool, points);
    },
    cancel: () => { viewer.draft = null; viewer.redraw(); },
  };
}

/** A click makes an ellipse of a set size. @param {[number, number][]} points @param {number} r */
function spread(points, r) {
  const [x, y] = points[0];
  points[0] = [x - r, y - r];
  points[1] = [x + r, y + r];
}

/** Clicks set corners, a drag draws freely. @param {Viewer} viewer @param {Pane} pane @param {[number, number]} start @returns {Drag} */
function outline(viewer, pane, start) {
  const corners = viewer.draft?.points ?? [];
  const before = corners.length;
  viewer.draft = { kind: 'outline', points: [...corners, start] };
  viewer.redraw();
  return {
    move: (x, y) => {
      const points = /** @type {NonNullable<Viewer['draft']>} */ (viewer.draft).points;
      const p = inside(pane, [x, y]);
      const last = points[points.length - 1];
      if (Math.hypot(p[0] - last[0], p[1] - last[1]) > 3 * pane.reach) points.push(p);
      viewer.redraw();
    },
    end: (_x, _y, click) => {
      const points = viewer.draft?.points ?? [];
      const [x0, y0] = points[0] ?? start;
      const closes = before >= 3 && Math.hypot(start[0] - x0, start[1] - y0) < 12 * pane.reach;
      if (closes) points.pop();
      if (closes || !click) closeOutline(viewer);
      else viewer.say(`corner ${points.length}`);
    },
    cancel: () => { viewer.draft = null; viewer.redraw(); },
  };
}

/** @param {Viewer} viewer */
export function closeOutline(viewer) {
  const { draft } = viewer;
  if (draft?.kind !== 'outline') return;
  viewer.draft = null;
  const points = draft.points.filter((p, i, all) => !i || p[0] !== all[i - 1][0] || p[1] !== all[i - 1][1]);
  if (points.length >= 3) viewer.addMark('outline', points);
  else viewer.say('An outline has at least three corners.');
  viewer.redraw();
}

/** @param {Viewer} viewer @param {Pane} pane @param {number} index @param {[number, number]} at @returns {Drag} */
function moveMark(viewer, pane, index, at) {
  viewer.select(index);
  let last = inside(pane, at);
  let moved = false;
  return {
    move: (x, y) => {
      if (!moved && Math.hypot(x - at[0], y - at[1]) < CLICK) return;
      const now = inside(pane, [x, y]);
      viewer.marks.move(index, now[0] - last[0], now[1] - last[1], 0, moved);
      moved = true;
      last = now;
    },
    end: () => {
      const [x, y] = middle(viewer.marks.list[index]);
      viewer.cursor = { x, y };
      viewer.say(viewer.describe(index));
    },
  };
}

/** @param {Pane} pane @param {[number, number]} at @returns {[number, number]} */
export function inside(pane, at) {
  const [x, y] = pane.film(...at);
  const { w, h } = /** @type {import('./block.js').Slice} */ (pane.slice);
  return [Math.max(0, Math.min(w - 1, x)), Math.max(0, Math.min(h - 1, y))];
}

/** @param {Viewer} viewer @param {Pane} pane @param {Map<number, [number, number]>} down @returns {Drag} */
function pinch(viewer, pane, down) {
  const measure = () => {
    const [[ax, ay], [bx, by]] = [...down.values()];
    return { x: (ax + bx) / 2, y: (ay + by) / 2, apart: Math.max(1, Math.hypot(ax - bx, ay - by)) };
  };
  let last = measure();
  viewer.draft = null;
  return {
    move: () => {
      if (down.size < 2) return;
      const now = measure();
      viewer.panBy((now.x - last.x) * pane.ratio, (now.y - last.y) * pane.ratio, pane);
      viewer.zoomBy(now.apart / last.apart, pane, now.x * pane.ratio, now.y * pane.ratio);
      last = now;
    },
  };
}

/** @param {Viewer} viewer @param {Pane} pane @param {[number, number]} at */
const nearWipe = (viewer, pane, [x]) => Math.abs(x - (/** @type {any} */ (viewer.truth).wipe * pane.W) / pane.ratio) < 24;

/** @param {Viewer} viewer @param {Pane} pane @returns {Drag} */
function wipe(viewer, pane) {
  return {
    move: (x) => {
      /** @type {any} */ (viewer.truth).wipe = Math.max(0, Math.min(1, (x * pane.ratio) / pane.W));
      viewer.redraw();
    },
  };
}
