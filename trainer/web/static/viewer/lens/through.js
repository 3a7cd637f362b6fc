// @ts-check
// Has a lens's picture made by the worker, with a window that suits it. Loaded with the first lens.
import { LENSES, axisOf } from '../lenses.js';

/** @typedef {import('../viewer.js').Viewer} Viewer */
/** @typedef {import('../block.js').Slice} Slice */

/** What is being computed, by slice and lens. @type {WeakMap<Slice, Set<string>>} */
const busy = new WeakMap();

/**
 * @param {Viewer} v @param {Slice} slice @param {string} lens @param {string} key the lens with its settings
 * @param {WeakMap<Slice, Map<string, Slice>>} made where the picture goes
 */
export async function compute(v, slice, lens, key, made) {
  const running = busy.get(slice) ?? new Set();
  busy.set(slice, running);
  if (running.has(key)) return;
  running.add(key);
  try {
    const client = await v.lensClient();
    const args = key === lens ? [] : [axisOf(v, slice)];
    const { data, slope, intercept, p1, p99 } = await client.ask(slice, lens, ...args);
    const signed = LENSES[lens].signed;
    const unit = ['smoothness', 'amplify'].includes(lens) ? 1 : Math.abs(slice.slope);
    const shift = lens === 'mirror' ? slice.intercept : 0;
    const reach = Math.max(Math.abs(p1), Math.abs(p99));
    const [low, high] = signed ? [-reach, reach] : [p1, p99];
    const map = { ...slice, data, slope: slope * unit, intercept: intercept * unit + shift,
      centre: ((low + high) / 2) * unit + shift, width: Math.max((high - low) * unit, 1e-6) };
    const maps = made.get(slice) ?? new Map();
    if (maps.size >= 6) maps.delete(maps.keys().next().value);
    made.set(slice, maps.set(key, map));
    const grey = v.lensGreys.get(lens);
    if (!grey) v.lensGreys.set(lens, { centre: map.centre, width: map.width, voi: 'linear_exact', invert: false });
    v.shade();
  } catch (error) {
    v.panes.forEach((p) => { if (p.lens === lens) p.lens = ''; });
    v.say(/** @type {Error} */ (error).message);
  } finally {
    running.delete(key);
  }
}
