// @ts-check
// What a pane draws: the film, its lens, or the film laid beside its twin.
import { table } from './grey.js';
import { seenThrough } from './lenses.js';

/** @typedef {import('./viewer.js').Viewer} Viewer */
/** @typedef {import('./pane.js').Pane} Pane */
/** @typedef {import('./paint_cpu.js').Layer} Layer */

/** @param {Viewer} viewer @param {Pane} pane @returns {Layer[]} */
export function layersOf(viewer, pane) {
  const film = { slice: /** @type {import('./block.js').Slice} */ (pane.slice), table: viewer.shades, from: 0, to: pane.W };
  const { truth } = viewer;
  const twin = pane.plane ? undefined : truth?.twins.get(viewer.z); // twins are laid beside slices, not beside planes
  if (!truth || !twin || truth.mode === 'off') return [lensed(viewer, pane, film)];
  const other = { ...film, slice: twin };
  if (truth.mode === 'blink') return [truth.blinked ? other : film];
  if (truth.mode === 'side') return [pane === viewer.panes[1] ? other : film];
  if (truth.mode === 'wipe') {
    const at = truth.wipe * pane.W;
    return [{ ...film, to: at }, { ...other, from: at }];
  }
  const gap = truth.difference(viewer.z, film.slice, twin);
  return [{ ...film, slice: gap, table: table(gap, { centre: 0, width: gap.width, voi: 'linear_exact', invert: false }) }];
}

/** @param {Viewer} viewer @param {Pane} pane @param {Layer} film */
function lensed(viewer, pane, film) {
  const map = seenThrough(viewer, pane);
  if (!map) return film;
  let shades = viewer.lensShades.get(map);
  if (!shades) viewer.lensShades.set(map, (shades = table(map, viewer.greyOf(pane))));
  return { ...film, slice: map, table: shades };
}
