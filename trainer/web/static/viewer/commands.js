// @ts-check
// Every act of the viewer that a key can do, with its first key. A, S, V, 1 to 5 and Enter belong to the call.
import { closeOutline } from './input.js';
import { LENSES, allowed, toggleLens } from './lenses.js';
import { TOOLS, takeUp } from './strip.js';

/** @typedef {import('./viewer.js').Viewer} Viewer */
/** @typedef {import('./keys.js').Shortcut} Shortcut */

/** @type {[string, number, number][]} */
const WAYS = [['Left', -1, 0], ['Right', 1, 0], ['Up', 0, -1], ['Down', 0, 1]];

/**
 * @param {string} group @param {string} id @param {string} label @param {string} keys with blanks between them
 * @param {() => void} run @param {() => boolean} [when]
 * @returns {Shortcut}
 */
const act = (group, id, label, keys, run, when) => ({ id: `viewer.${id}`, group, label, keys: keys.split(' '), run, when });

/** @param {Viewer} v @returns {Shortcut[]} */
export function bindings(v) {
  const look = act.bind(null, 'Look');
  const hanging = act.bind(null, 'Hanging');
  const slice = (/** @type {string} */ id, /** @type {string} */ label, /** @type {string} */ key, /** @type {() => void} */ run) => act('Slices', id, label, key, run, () => Boolean(v.stack));
  const marking = act.bind(null, 'Marks');
  const after = act.bind(null, 'After the call');
  const regrey = (/** @type {number} */ by, /** @type {number} */ times) => () => { const { centre, width } = v.greyOf(v.pane); v.setWindow(centre + by * width, width * times); };
  const scroll = (/** @type {number} */ by) => () => v.stack?.scroll(v.pane, by);
  const onFilm = () => v.panes.some((p) => p.box === document.activeElement);
  const open = () => !v.truth;
  const told = () => Boolean(v.truth);
  const places = () => Boolean(v.truth?.places.length);
  return [
    ...Object.entries(TOOLS).map(([id, t]) => act(t.measures ? 'Lenses' : 'Tools', `tool.${id}`, t.label, t.key, () => takeUp(v, id), () => t.when?.(v) ?? true)),
    look('narrower', 'Window narrower (more contrast)', '[', regrey(0, 1 / 1.1)),
    look('wider', 'Window wider', ']', regrey(0, 1.1)),
    look('brighter', 'Brighter (level down)', "'", regrey(-0.05, 1)),
    look('darker', 'Darker (level up)', ';', regrey(0.05, 1)),
    look('preset', 'Next window preset', 'b', () => nextPreset(v, 1)),
    look('preset-back', 'Previous window preset', 'Shift+b', () => nextPreset(v, -1)),
    look('invert', 'Invert', 'i', () => v.invert()),
    look('in', 'Zoom in', '+ =', () => v.zoomBy(1.25)),
    look('out', 'Zoom out', '-', () => v.zoomBy(0.8)),
    look('one', 'One film pixel on one screen pixel', 'g', () => v.zoomTo(1)),
    look('four', 'Zoom to 400 %', 'Shift+g', () => v.zoomTo(4)),
    look('magnify', 'Magnifier', 'l', () => { v.magnify(); }),
    look('fit', 'Fit to the window', 'q', () => v.fit()),
    look('turn', 'Turn clockwise', 't', () => v.rotate(1)),
    look('turn-back', 'Turn anticlockwise', 'Shift+t', () => v.rotate(-1)),
    look('flip', 'Flip left and right', 'h', () => v.flip()),
    look('smooth', 'Smooth between pixels, or not', 'Shift+i', () => smooth(v)),
    look('bare', 'Hide words and lines over the film, or show them', 'Shift+o', () => v.say(v.room.classList.toggle('v-bare') ? 'words and lines hidden' : 'words and lines shown')),
    look('reset', 'Reset', '0', () => v.reset()),
    look('help', 'This list', '?', () => { v.showHelp(); }),
    hanging('hang.1', 'One view', '6', () => v.hang(1)),
    hanging('hang.2', 'Two linked views', '7', () => v.hang(2)),
    hanging('hang.4', 'Four linked views', '8', () => v.hang(4)),
    hanging('hang.planes', 'Three planes of a stack', '9', () => v.stack?.planes(), () => Boolean(v.stack)),
    hanging('link', 'Link the views, or not', 'Shift+k', () => { v.linked = !v.linked; v.say(v.linked ? 'views linked' : 'views apart'); }, () => v.panes.length > 1),
    slice('slice.back', 'Previous slice', 'PageUp', scroll(-1)),
    slice('slice.next', 'Next slice', 'PageDown', scroll(1)),
    slice('slice.back10', 'Ten slices back', 'Shift+PageUp', scroll(-10)),
    slice('slice.next10', 'Ten slices on', 'Shift+PageDown', scroll(10)),
    slice('slice.first', 'First slice', 'Home', () => v.goTo(0)),
    slice('slice.last', 'Last slice', 'End', () => v.goTo(v.options.slices - 1)),
    slice('cine', 'Play or stop', 'Shift+Space', () => v.stack?.play()),
    ...Object.entries(LENSES).filter(([, lens]) => lens.map).map(([id, { label, key }]) => act('Lenses', `lens.${id}`, label, key, () => toggleLens(v, id), () => allowed(v, id))),
    ...WAYS.map(([way, dx, dy]) => look(`pan.${way}`, `Pan: look ${way.toLowerCase()}`, `Ctrl+Arrow${way}`, () => panBy(v, -dx, -dy))),
    ...WAYS.flatMap(([way, dx, dy]) => [
      act('Crosshair', `cursor.${way}`, `Crosshair or chosen mark ${way.toLowerCase()}`, `Arrow${way}`, () => nudge(v, dx, dy, 10), onFilm),
      act('Crosshair', `cursor.fine.${way}`, `One pixel ${way.toLowerCase()}`, `Shift+Arrow${way}`, () => nudge(v, dx, dy, 0), onFilm),
    ]),
    marking('mark.place', 'Place a mark, box or end of a line at the crosshair', 'c', () => placeAtCursor(v)),
    marking('mark.close', 'Close the outline', 'Shift+c', () => closeOutline(v), open),
    marking('mark.next', 'Next mark', 'k', () => choose(v, 1)),
    marking('mark.back', 'Previous mark', 'j', () => choose(v, -1)),
    marking('mark.remove', 'Remove the chosen mark', 'Delete Backspace', () => v.removeMark(v.marks.selected), () => open() && v.marks.selected >= 0),
    marking('mark.undo', 'Undo', 'u Ctrl+z', () => v.undo(), open),
    marking('escape', 'Let go: mark, drawing, panel, comparison', 'Escape', () => letGo(v)),
    after('blink', 'Blink with the twin', 'Space', () => { v.blink(); }, () => Boolean(v.truth?.hasTwin)),
    after('region.next', 'Next changed place', '.', () => v.nextRegion(1), places),
    after('region.back', 'Previous changed place', ',', () => v.nextRegion(-1), places),
    after('tint.more', 'More tint', '>', () => v.setOpacity((v.truth?.opacity ?? 0) + 0.1), told),
    after('tint.less', 'Less tint', '<', () => v.setOpacity((v.truth?.opacity ?? 0) - 0.1), told),
  ];
}

/**
 * The same acts while there is no film: listed, to be learned and given other keys, but not done.
 * @param {() => void} showHelp @returns {Shortcut[]}
 */
export function withoutFilm(showHelp) {
  const acts = bindings(/** @type {any} */ ({ showHelp }));
  return acts.map((one) => (one.id === 'viewer.help' ? one : { ...one, when: () => false }));
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

/** @param {Viewer} v @param {number} dx @param {number} dy */
export function panBy(v, dx, dy) {
  const { pane } = v;
  v.panBy((dx * pane.W) / 8, (dy * pane.H) / 8);
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
