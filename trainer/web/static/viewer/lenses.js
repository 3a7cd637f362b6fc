// @ts-check
// The lenses by name. Maps give a picture of the whole film; the others read a part of it.

/** @type {Record<string, {label: string, key: string, map?: boolean, signed?: boolean}>} */
export const LENSES = {
  mirror: { label: 'Mirror overlay', key: 'm', map: true },
  asymmetry: { label: 'Left–right difference', key: 'Shift+m', map: true, signed: true },
  noise: { label: 'Noise map', key: 'n', map: true },
  detail: { label: 'Detail (high-pass)', key: 'd', map: true, signed: true },
  smoothness: { label: 'Local smoothness', key: 'Shift+n', map: true, signed: true },
  amplify: { label: 'Artefact amplifier', key: 'Shift+d', map: true, signed: true },
  spectrum: { label: 'Spectrum of a box', key: 'f' },
  region: { label: 'Box and ellipse', key: 'r' },
  profile: { label: 'Profile line', key: 'Shift+r' },
  histogram: { label: 'Histogram', key: 'Shift+h' },
};

/** @typedef {import('./viewer.js').Viewer} Viewer */
/** @typedef {import('./pane.js').Pane} Pane */
/** @typedef {import('./block.js').Slice} Slice */

/** Pictures computed so far, gone with their slice. @type {WeakMap<Slice, Map<string, Slice>>} */
const made = new WeakMap();

/** @param {Viewer} v @param {string} id */
export const allowed = (v, id) => v.options.lenses === 'all' || v.options.lenses.includes(id);

/** @param {Viewer} v @param {string} lens @param {Slice} slice */
const keyOf = (v, lens, slice) => (lens === 'mirror' || lens === 'asymmetry' ? `${lens} ${axisOf(v, slice)}` : lens);

/** The column of the mirror, in halves. @param {Viewer} v @param {Slice} slice */
export const axisOf = (v, slice) => Math.round(2 * (v.axis ?? (slice.w - 1) / 2)) / 2;

/** The picture a pane's lens makes of its slice, once it is there. @param {Viewer} v @param {Pane} pane @returns {Slice|undefined} */
export function seenThrough(v, pane) {
  const { slice, lens } = pane;
  if (!slice || !lens) return undefined;
  const found = made.get(slice)?.get(keyOf(v, lens, slice));
  if (!found) compute(v, slice, lens);
  return found;
}

/** What is being computed, by slice and lens. @type {WeakMap<Slice, Set<string>>} */
const busy = new WeakMap();

/** @param {Viewer} v @param {Slice} slice @param {string} lens */
async function compute(v, slice, lens) {
  const key = keyOf(v, lens, slice);
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

/** Put a lens over a pane, or take it off. @param {Viewer} v @param {string} lens @param {Pane} [pane] */
export function toggleLens(v, lens, pane = v.pane) {
  pane.lens = pane.lens === lens ? '' : lens;
  v.say(pane.lens ? LENSES[lens].label : 'lens off');
  v.redraw();
}
