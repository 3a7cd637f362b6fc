// @ts-check
// Every act of the viewer that a key can do, with its first key. A, S, V, 1 to 5 and Enter belong to the call.
import { closeOutline } from './input.js';
import { LENSES, allowed, toggleLens } from './lenses.js';
import { TOOLS } from './strip.js';

/** @typedef {import('./viewer.js').Viewer} Viewer */
/** @typedef {import('./keys.js').Shortcut} Shortcut */

/** @param {Viewer} v @returns {Shortcut[]} */
export function bindings(v) {
  const look = (/** @type {string} */ id, /** @type {string} */ label, /** @type {string[]} */ keys, /** @type {() => void} */ run, /** @type {() => boolean} */ when = () => true) =>
    ({ id: `viewer.${id}`, group: 'Look', label, keys, run, when });
  const tools = Object.entries(TOOLS).filter(([, t]) => t.key)
    .map(([id, t]) => ({ id: `viewer.tool.${id}`, group: t.measures ? 'Lenses' : 'Tools', label: t.label, keys: [t.key], run: () => takeUp(v, id), when: () => t.when?.(v) ?? true }));
  return [
    ...tools,
    look('narrower', 'Window narrower (more contrast)', ['['], () => v.setWindow(v.greyOf(v.pane).centre, v.greyOf(v.pane).width / 1.1)),
    look('wider', 'Window wider', [']'], () => v.setWindow(v.greyOf(v.pane).centre, v.greyOf(v.pane).width * 1.1)),
    look('brighter', 'Brighter (level down)', ["'"], () => v.setWindow(v.greyOf(v.pane).centre - v.greyOf(v.pane).width / 20, v.greyOf(v.pane).width)),
    look('darker', 'Darker (level up)', [';'], () => v.setWindow(v.greyOf(v.pane).centre + v.greyOf(v.pane).width / 20, v.greyOf(v.pane).width)),
    look('preset', 'Next window preset', ['b'], () => nextPreset(v, 1)),
    look('preset-back', 'Previous window preset', ['Shift+b'], () => nextPreset(v, -1)),
    look('invert', 'Invert', ['i'], () => v.invert()),
    look('in', 'Zoom in', ['+', '='], () => v.zoomBy(1.25)),
    look('out', 'Zoom out', ['-'], () => v.zoomBy(0.8)),
    look('one', 'One film pixel on one screen pixel', ['g'], () => v.zoomTo(1)),
    look('four', 'Zoom to 400 %', ['Shift+g'], () => v.zoomTo(4)),
    look('magnify', 'Magnifier', ['l'], () => { v.magnify(); }),
    look('fit', 'Fit to the window', ['q'], () => v.fit()),
    look('turn', 'Turn clockwise', ['t'], () => v.rotate(1)),
    look('turn-back', 'Turn anticlockwise', ['Shift+t'], () => v.rotate(-1)),
    look('flip', 'Flip left and right', ['h'], () => v.flip()),
    look('smooth', 'Smooth between pixels, or not', ['Shift+i'], () => smooth(v)),
    look('bare', 'Hide words and lines over the film, or show them', ['Shift+o'], () => v.say(v.room.classList.toggle('v-bare') ? 'words and lines hidden' : 'words and lines shown')),
    look('reset', 'Reset', ['0'], () => v.reset()),
    look('help', 'This list', ['?'], () => { v.showHelp(); }),
    ...hanging(v),
    ...slices(v),
    ...lenses(v),
    ...pans(v),
    ...cursor(v),
    ...marking(v),
    ...truths(v),
  ];
}

/** The first press takes a tool up, the next opens its options and closes them. @param {Viewer} v @param {string} id */
function takeUp(v, id) {
  const drags = id !== 'lens' && id !== 'truth';
  if (v.tool === id && v.flyout?.kind === id) v.panel('');
  else v.use(id, v.tool === id || !drags);
}

/** @param {Viewer} v @param {number} step */
function nextPreset(v, step) {
  const list = v.presets;
  if (!list.length) return;
  const at = list.findIndex((p) => p.name === v.preset);
  const next = list[at < 0 ? 0 : (at + step + list.length) % list.length];
  v.setWindow(next.centre, next.width, next.name);
}

/** @param {Viewer} v */
function smooth(v) {
  const to = !v.panes[0].smooth;
  v.panes.forEach((p) => { p.smooth = to; });
  v.redraw();
  v.say(to ? 'smooth between pixels' : 'pixels as squares');
}

/** @param {Viewer} v @returns {Shortcut[]} */
function hanging(v) {
  const group = 'Hanging';
  return [
    ...[['6', 1, 'One view'], ['7', 2, 'Two linked views'], ['8', 4, 'Four linked views']].map(([key, n, label]) =>
      ({ id: `viewer.hang.${n}`, group, label: String(label), keys: [String(key)], run: () => v.hang(Number(n)) })),
    { id: 'viewer.hang.planes', group, label: 'Three planes of a stack', keys: ['9'], when: () => Boolean(v.stack), run: () => v.stack?.planes() },
    { id: 'viewer.link', group, label: 'Link the views, or not', keys: ['Shift+k'], when: () => v.panes.length > 1, run: () => { v.linked = !v.linked; v.say(v.linked ? 'views linked' : 'views apart'); } },
  ];
}

/** @param {Viewer} v @returns {Shortcut[]} */
function slices(v) {
  const group = 'Slices';
  const when = () => Boolean(v.stack);
  const step = (/** @type {number} */ by) => () => v.stack?.scroll(v.pane, by);
  return [
    { id: 'viewer.slice.back', group, label: 'Previous slice', keys: ['PageUp'], when, run: step(-1) },
    { id: 'viewer.slice.next', group, label: 'Next slice', keys: ['PageDown'], when, run: step(1) },
    { id: 'viewer.slice.back10', group, label: 'Ten slices back', keys: ['Shift+PageUp'], when, run: step(-10) },
    { id: 'viewer.slice.next10', group, label: 'Ten slices on', keys: ['Shift+PageDown'], when, run: step(10) },
    { id: 'viewer.slice.first', group, label: 'First slice', keys: ['Home'], when, run: () => v.goTo(0) },
    { id: 'viewer.slice.last', group, label: 'Last slice', keys: ['End'], when, run: () => v.goTo(v.options.slices - 1) },
    { id: 'viewer.cine', group, label: 'Play or stop', keys: ['Shift+Space'], when, run: () => v.stack?.play() },
  ];
}

/** @param {Viewer} v @returns {Shortcut[]} */
function lenses(v) {
  return Object.entries(LENSES).filter(([, lens]) => lens.map).map(([id, { label, key }]) => ({
    id: `viewer.lens.${id}`, group: 'Lenses', label, keys: [key], when: () => allowed(v, id), run: () => toggleLens(v, id),
  }));
}

/** @param {Viewer} v @returns {Shortcut[]} */
function pans(v) {
  return [['Left', 1, 0], ['Right', -1, 0], ['Up', 0, 1], ['Down', 0, -1]].map(([way, dx, dy]) => ({
    id: `viewer.pan.${way}`, group: 'Look', label: `Pan: look ${String(way).toLowerCase()}`, keys: [`Ctrl+Arrow${way}`],
    run: () => pan(v, Number(dx), Number(dy)),
  }));
}

/** @param {Viewer} v @param {number} dx @param {number} dy */
export function pan(v, dx, dy) {
  const { pane } = v;
  v.panBy((dx * pane.W) / 8, (dy * pane.H) / 8);
}

/** @param {Viewer} v @returns {Shortcut[]} */
function cursor(v) {
  const onFilm = () => v.panes.some((p) => p.box === document.activeElement);
  return [['Left', -1, 0], ['Right', 1, 0], ['Up', 0, -1], ['Down', 0, 1]].flatMap(([way, dx, dy]) => [
    { id: `viewer.cursor.${way}`, group: 'Crosshair', label: `Crosshair or chosen mark ${String(way).toLowerCase()}`, keys: [`Arrow${way}`],
      when: onFilm, run: () => nudge(v, Number(dx), Number(dy), 10) },
    { id: `viewer.cursor.fine.${way}`, group: 'Crosshair', label: `One pixel ${String(way).toLowerCase()}`, keys: [`Shift+Arrow${way}`],
      when: onFilm, run: () => nudge(v, Number(dx), Number(dy), 0) },
  ]);
}

/**
 * Move the crosshair, or the chosen mark with it, as seen on the screen. @param {Viewer} v
 * @param {number} dx @param {number} dy @param {number} css CSS pixels; 0 means one film pixel
 */
export function nudge(v, dx, dy, css) {
  const { pane } = v;
  if (!pane.slice) return;
  const { w, h } = pane.slice;
  const step = css ? css * pane.reach : 1;
  const at = v.cursor && (v.cursor.plane ?? '') === pane.plane ? v.cursor : { x: (w - 1) / 2, y: (h - 1) / 2 };
  const [X, Y] = pane.css(at.x, at.y);
  const [ux, uy] = pane.film(X + dx, Y + dy).map((p, i) => Math.sign(Math.round(1e6 * (p - (i ? at.y : at.x)))));
  const x = Math.max(0, Math.min(w - 1, at.x + ux * step));
  const y = Math.max(0, Math.min(h - 1, at.y + uy * step));
  const moving = v.marks.current && !v.truth && !pane.plane;
  if (moving) v.marks.move(v.marks.selected, x - at.x, y - at.y);
  v.cursor = { x, y, plane: pane.plane };
  if (v.tool === 'cross' && v.stack) v.stack.setCross(v.stack.voxel(pane, [x, y]));
  follow(v, x, y);
  v.redraw();
  const value = pane.slice.data[Math.round(y) * w + Math.round(x)] * pane.slice.slope + pane.slice.intercept;
  v.say(moving ? v.describe(v.marks.selected) : `column ${Math.round(x)}, row ${Math.round(y)}, value ${Math.round(value)}`);
}

/** The view follows a crosshair that leaves it. @param {Viewer} v @param {number} x @param {number} y */
function follow(v, x, y) {
  const { pane } = v;
  const [X, Y] = pane.css(x, y);
  const edge = 24;
  const over = (/** @type {number} */ p, /** @type {number} */ size) => (p < edge ? edge - p : p > size - edge ? size - edge - p : 0);
  const dx = over(X, pane.box.clientWidth);
  const dy = over(Y, pane.box.clientHeight);
  if ((dx || dy) && !pane.fitted) v.panBy(dx * pane.ratio, dy * pane.ratio, pane);
}

/** @param {Viewer} v @returns {Shortcut[]} */
function marking(v) {
  const group = 'Marks';
  const open = () => !v.truth;
  const chosen = () => v.marks.selected >= 0;
  return [
    { id: 'viewer.mark.place', group, label: 'Place a mark, box or end of a line at the crosshair', keys: ['c'], run: () => placeAtCursor(v) },
    { id: 'viewer.mark.close', group, label: 'Close the outline', keys: ['Shift+c'], when: open, run: () => closeOutline(v) },
    { id: 'viewer.mark.next', group, label: 'Next mark', keys: ['k'], run: () => choose(v, 1) },
    { id: 'viewer.mark.back', group, label: 'Previous mark', keys: ['j'], run: () => choose(v, -1) },
    { id: 'viewer.mark.remove', group, label: 'Remove the chosen mark', keys: ['Delete', 'Backspace'], when: () => open() && chosen(), run: () => v.removeMark(v.marks.selected) },
    { id: 'viewer.mark.undo', group, label: 'Undo', keys: ['u', 'Ctrl+z'], when: open, run: () => v.undo() },
    { id: 'viewer.escape', group, label: 'Let go: mark, drawing, panel, comparison', keys: ['Escape'], run: () => letGo(v) },
  ];
}

/** @param {Viewer} v @param {number} step */
function choose(v, step) {
  if (!v.marks.cycle(step)) { v.say('no marks'); return; }
  v.select(v.marks.selected);
}

/** @param {Viewer} v */
export function placeAtCursor(v) {
  if (!v.slice) return;
  const { pane, stack } = v;
  if (pane.plane && stack && v.cursor) {
    const voxel = stack.voxel(pane, [v.cursor.x, v.cursor.y]);
    v.addMark('point', [[voxel.x, voxel.y]], voxel.z);
    return;
  }
  const { x, y } = (v.cursor ??= { x: (v.slice.w - 1) / 2, y: (v.slice.h - 1) / 2 });
  if (TOOLS[v.tool].measures) { v.measuring?.place(x, y); return; }
  if (v.tool === 'outline' || v.tool === 'ellipse') {
    if (!v.canMark(v.tool)) { v.addMark(v.tool, []); return; }
    v.marks.selected = -1;
    const points = v.draft?.kind === v.tool ? v.draft.points : [];
    points.push([x, y]);
    v.draft = { kind: v.tool, points };
    if (v.tool === 'ellipse' && points.length === 2) { v.draft = null; v.addMark('ellipse', points); }
    else v.say(`corner ${points.length}`);
  } else {
    v.addMark('point', [[x, y]]);
  }
  v.redraw();
}

/** @param {Viewer} v */
function letGo(v) {
  if (v.draft) v.draft = null;
  else if (v.flyout?.kind) v.panel('');
  else if (v.pane.lens) toggleLens(v, v.pane.lens);
  else if (v.truth && v.truth.mode !== 'off') v.compare('off');
  else if (v.marks.selected >= 0) v.select(-1);
  v.redraw();
}

/** @param {Viewer} v @returns {Shortcut[]} */
function truths(v) {
  const group = 'After the call';
  const twin = () => Boolean(v.truth?.hasTwin);
  const places = () => Boolean(v.truth?.regions.length);
  return [
    { id: 'viewer.blink', group, label: 'Blink with the twin', keys: ['Space'], when: twin, run: () => { v.blink(); } },
    { id: 'viewer.region.next', group, label: 'Next changed place', keys: ['.'], when: places, run: () => v.nextRegion(1) },
    { id: 'viewer.region.back', group, label: 'Previous changed place', keys: [','], when: places, run: () => v.nextRegion(-1) },
    { id: 'viewer.tint.more', group, label: 'More tint', keys: ['>'], when: () => Boolean(v.truth), run: () => v.setOpacity((v.truth?.opacity ?? 0) + 0.1) },
    { id: 'viewer.tint.less', group, label: 'Less tint', keys: ['<'], when: () => Boolean(v.truth), run: () => v.setOpacity((v.truth?.opacity ?? 0) - 0.1) },
  ];
}
