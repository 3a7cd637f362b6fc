// @ts-check
// The words in the corners of a pane, and the lines over it.
import { svg } from './dom.js';
import { LENSES, axisOf } from './lenses.js';
import { short } from './looking.js';
import { drawLines, twice } from './overlay.js';

/** @typedef {import('./viewer.js').Viewer} Viewer */
/** @typedef {import('./pane.js').Pane} Pane */

const number = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 6 });

/** @param {Viewer} viewer @param {Pane} pane @param {import('./paint_cpu.js').Layer[]} layers */
export function annotate(viewer, pane, layers) {
  pane.loupe?.draw(viewer.cursor, layers);
  const { truth, marks } = viewer;
  const more = viewer.measuring?.shapes(pane) ?? [];
  if (truth?.mode === 'wipe') more.push(wipeLine(truth.wipe, pane));
  if (pane.slice && /mirror|asymmetry/.test(pane.lens)) more.push(axisLine(axisOf(viewer, pane.slice), pane));
  const flat = viewer.stack && pane.plane ? viewer.stack.drawing(pane) : null;
  if (viewer.stack && viewer.tool === 'cross') more.push(...viewer.stack.crossLines(pane));
  drawLines(pane, {
    marks: flat?.marks ?? marks.list,
    selected: flat ? -1 : marks.selected,
    caption: (mark, i) => caption(viewer, mark, i),
    hits: flat?.hits ?? truth?.hits ?? [],
    regions: flat?.regions ?? truth?.shown ?? [],
    looked: truth?.looked ?? [],
    opacity: truth?.opacity ?? 0,
    z: viewer.z,
    cursor: viewer.cursor && viewer.cursor.hover !== pane && (viewer.cursor.plane ?? '') === pane.plane ? viewer.cursor : null,
    draft: pane.plane ? null : viewer.draft,
  }, more);
  write(pane.corners.tl, topLeft(viewer, pane));
  write(pane.corners.bl, bottomLeft(viewer, pane));
  write(pane.corners.br, pane === viewer.panes[viewer.panes.length - 1] ? bottomRight(viewer) : []);
}

/** @param {HTMLElement} corner @param {string[]} lines */
function write(corner, lines) {
  const text = lines.filter(Boolean).join('\n');
  if (corner.textContent !== text) corner.textContent = text;
}

/** @param {Viewer} viewer @param {Pane} pane */
function topLeft(viewer, pane) {
  const { truth } = viewer;
  const grey = viewer.greyOf(pane);
  const plain = grey === viewer.grey;
  const waiting = truth && truth.mode !== 'off' && !truth.twins.has(viewer.z);
  const which = waiting ? 'this film; its twin is on its way' : truth?.mode === 'side' ? (pane === viewer.panes[1] ? truth.given.twinLabel ?? 'twin' : 'this film')
    : truth?.mode === 'blink' ? (truth.blinked ? truth.given.twinLabel ?? 'twin' : 'this film')
    : truth?.mode === 'wipe' ? 'left: this film, right: twin'
    : truth?.mode === 'difference' ? 'film minus twin, mid grey is no difference' : '';
  return [
    pane.plane ? [pane.plane, viewer.stack?.geometry.note].filter(Boolean).join(' · ') : viewer.options.label,
    [`W ${number.format(short(grey.width))} L ${number.format(short(grey.centre))}`, plain && viewer.preset, grey.invert && 'inverted'].filter(Boolean).join(' · '),
    pane.lens ? `${LENSES[pane.lens].label}${plain ? ' …' : ''}` : '',
    which || (viewer.stack && truth?.told(viewer.z)) || truth?.given.text || (truth?.given.everywhere ? 'the whole film is what was made' : ''),
  ];
}

/** @param {Viewer} viewer @param {Pane} pane */
function bottomLeft(viewer, pane) {
  const { slice, view } = pane;
  if (!slice) return [];
  const turned = [view.turn ? `turned ${view.turn * 90}°` : '', view.flip ? 'flipped' : ''].filter(Boolean).join(' · ');
  const at = viewer.stack && !pane.plane ? `slice ${viewer.z + 1} of ${viewer.stack.count}` : '';
  return [turned, at, (viewer.cursor?.plane ?? '') === pane.plane ? valueAt(viewer, slice) : '', `zoom ${number.format(Math.round(100 * view.zoom))} % · ${number.format(slice.w)} × ${number.format(slice.h)}`];
}

/** @param {Viewer} viewer @param {import('./block.js').Slice} slice */
function valueAt({ cursor }, slice) {
  if (!cursor) return '';
  const x = Math.round(cursor.x);
  const y = Math.round(cursor.y);
  if (x < 0 || y < 0 || x >= slice.w || y >= slice.h) return '';
  return `x ${x} y ${y} · ${number.format(short(slice.data[y * slice.w + x] * slice.slope + slice.intercept))}`;
}

/** @param {Viewer} viewer */
function bottomRight(viewer) {
  const n = viewer.marks.list.length;
  const { truth } = viewer;
  return [
    n ? `${n} mark${n > 1 ? 's' : ''}` : '',
    truth?.hasTwin ? `${viewer.keys.cap('viewer.blink')}: blink with the twin` : '',
    `shortcuts ${viewer.keys.cap('viewer.help')}`,
  ];
}

/** @param {Viewer} viewer @param {import('./marks.js').Mark} mark @param {number} i */
function caption(viewer, mark, i) {
  const hit = viewer.truth?.hits[i];
  if (hit === true) return `${i + 1} · your mark · hit`;
  if (hit === false) return `${i + 1} · your mark · miss`;
  const name = viewer.hallmarkName(mark.hallmark);
  return [i + 1, name, mark.confidence ? `${mark.confidence}/5` : ''].filter(Boolean).join(' · ');
}

/** @param {number} axis @param {Pane} pane */
function axisLine(axis, pane) {
  const { h } = /** @type {import('./block.js').Slice} */ (pane.slice);
  return twice(`M${pane.css(axis, -0.5).join(' ')}L${pane.css(axis, h - 0.5).join(' ')}`, 'v-axis');
}

/** @param {number} at @param {Pane} pane */
function wipeLine(at, pane) {
  const x = (at * pane.W) / pane.ratio;
  const H = pane.H / pane.ratio;
  return svg('g', {}, twice(`M${x} 0V${H}`, 'v-wipe'), svg('circle', { class: 'v-wipe-grip', cx: x, cy: H / 2, r: 12 }));
}
