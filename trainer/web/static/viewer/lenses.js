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

/** A sitting names its lenses; after the call all of them may teach. @param {Viewer} v @param {string} id */
export const allowed = (v, id) => Boolean(v.truth) || v.options.lenses === 'all' || v.options.lenses.includes(id);

/** @param {Viewer} v @param {string} lens @param {Slice} slice */
const keyOf = (v, lens, slice) => (lens === 'mirror' || lens === 'asymmetry' ? `${lens} ${axisOf(v, slice)}` : lens);

/** The column of the mirror, in halves. @param {Viewer} v @param {Slice} slice */
export const axisOf = (v, slice) => Math.round(2 * (v.axis ?? (slice.w - 1) / 2)) / 2;

/** The picture a pane's lens makes of its slice, once it is there. @param {Viewer} v @param {Pane} pane @returns {Slice|undefined} */
export function seenThrough(v, pane) {
  const { slice, lens } = pane;
  if (!slice || !lens) return undefined;
  const found = made.get(slice)?.get(keyOf(v, lens, slice));
  if (!found) import('./later.js').then(({ compute }) => compute(v, slice, lens, keyOf(v, lens, slice), made));
  return found;
}

/** Put a lens over a pane, or take it off. @param {Viewer} v @param {string} lens @param {Pane} [pane] */
export function toggleLens(v, lens, pane = v.pane) {
  pane.lens = pane.lens === lens ? '' : lens;
  v.say(pane.lens ? LENSES[lens].label : 'lens off');
  v.redraw();
}
