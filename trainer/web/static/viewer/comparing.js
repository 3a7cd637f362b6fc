// @ts-check
// What the panes draw before and after the call, and the ways to lay a film beside its twin.
import { table } from './grey.js';
import { levelsOf } from './pane.js';
import { middle } from './marks.js';
import { Truth, difference } from './truth.js';

/** @typedef {import('./viewer.js').Viewer} Viewer */
/** @typedef {import('./pane.js').Pane} Pane */

/** @param {Viewer} viewer @param {Pane} pane @returns {import('./paint_cpu.js').Layer[]} */
export function layersOf(viewer, pane) {
  const film = { levels: levelsOf(/** @type {any} */ (viewer.slice)), table: viewer.shades, from: 0, to: pane.W };
  const { truth } = viewer;
  const twin = truth?.twins.get(viewer.z);
  if (!truth || !twin || truth.mode === 'off') return [film];
  const other = { ...film, levels: levelsOf(twin) };
  if (truth.mode === 'blink') return [truth.blinked ? other : film];
  if (truth.mode === 'side') return [pane === viewer.panes[1] ? other : film];
  if (truth.mode === 'wipe') {
    const at = truth.wipe * pane.W;
    return [{ ...film, to: at }, { ...other, from: at }];
  }
  return [{ ...film, ...differenceLayer(viewer, truth, twin) }];
}

/** @param {Viewer} viewer @param {Truth} truth @param {import('./block.js').Slice} twin */
function differenceLayer(viewer, truth, twin) {
  let gap = truth.differences.get(viewer.z);
  if (!gap) truth.differences.set(viewer.z, (gap = difference(/** @type {any} */ (viewer.slice), twin)));
  const grey = /** @type {const} */ ({ centre: 0, width: gap.width, voi: 'linear_exact', invert: false });
  return { levels: levelsOf(gap), table: table(gap, grey) };
}

/** @param {Viewer} viewer @param {import('./truth.js').TruthGiven} given */
export async function openTruth(viewer, given) {
  viewer.truth = new Truth(given);
  viewer.draft = null;
  viewer.marks.selected = -1;
  viewer.tool = 'window';
  viewer.flyout.open('');
  viewer.redraw();
  try {
    await viewer.truth.traceMask(viewer.z, viewer.abort.signal);
  } catch (error) {
    viewer.say(`The outline could not be loaded. ${/** @type {Error} */ (error).message}`);
  }
  const { regions } = viewer.truth;
  const told = given.everywhere ? 'The whole film is what was made.' : regions.length ? `${regions.length} outlined ${regions.length > 1 ? 'places' : 'place'}.` : '';
  viewer.say([given.text, told].filter(Boolean).join('. '));
  viewer.redraw();
}

/** @param {Viewer} viewer @param {import('./truth.js').Comparison} mode */
export async function compareMode(viewer, mode) {
  const { truth } = viewer;
  if (!truth) return;
  if (mode !== 'off') {
    try {
      const twin = await truth.twin(viewer.z, viewer.abort.signal);
      if (!twin) { viewer.say('This film has no twin.'); return; }
      if (twin.w !== viewer.slice?.w || twin.h !== viewer.slice?.h) throw new Error('The twin has another size.');
    } catch (error) {
      viewer.say(`The twin could not be loaded. ${/** @type {Error} */ (error).message}`);
      return;
    }
  }
  truth.mode = mode;
  truth.blinked = false;
  split(viewer, mode === 'side' ? 2 : 1);
  viewer.options.onCompare?.(mode);
  viewer.say(mode === 'off' ? 'comparison off' : `comparison: ${MODES[mode]}`);
  viewer.redraw();
}

export const MODES = { off: 'off', blink: 'blink', wipe: 'wipe', side: 'side by side', difference: 'difference' };

/** @param {Viewer} viewer @param {number} count */
function split(viewer, count) {
  viewer.room.dataset.panes = String(count);
  while (viewer.panes.length > count) viewer.panes.pop()?.destroy();
  while (viewer.panes.length < count) {
    const { view, fitted } = viewer.panes[0];
    const pane = viewer.addPane(`${viewer.options.label}, twin`);
    if (!fitted) pane.look(view);
  }
}

/** One step of the blink comparison. @param {Viewer} viewer */
export async function blink(viewer) {
  const { truth } = viewer;
  if (!truth?.hasTwin) return;
  if (truth.mode !== 'blink') await compareMode(viewer, 'blink');
  if (truth.mode !== 'blink') return;
  truth.blinked = !truth.blinked;
  viewer.say(truth.blinked ? 'twin' : 'this film');
  viewer.redraw();
}

/** Go to the next place that was changed. @param {Viewer} viewer @param {number} step */
export function stepRegion(viewer, step) {
  const region = viewer.truth?.next(step);
  if (!viewer.truth || !region) { viewer.say('No outlined place.'); return; }
  const [x, y] = middle(region);
  viewer.cursor = null;
  if (region.z !== viewer.z) viewer.open(region.z);
  const { pane } = viewer;
  if (!pane.fitted) viewer.look(pane, { ...pane.view, cx: x, cy: y });
  viewer.say(`place ${viewer.truth.region + 1} of ${viewer.truth.regions.length}${region.label ? `: ${region.label}` : ''}`);
  viewer.redraw();
}
