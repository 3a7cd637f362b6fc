// @ts-check
// The truth after the call: outlines, the twin, and the ways to lay the two beside each other. Loaded with the truth.
import { load } from './block.js';
import { middle } from './marks.js';
import { difference, trace } from './trace.js';

/** @typedef {import('./viewer.js').Viewer} Viewer */

/**
 * @typedef {{points: [number, number][], z: number, label?: string, twin?: boolean, mimic?: boolean}} Region
 * @typedef {object} TruthGiven
 * @property {{points: [number, number][], z?: number, label?: string}[]} [outlines] native pixels, slice by slice
 * @property {{points: [number, number][], z?: number}[]} [twinOutlines] of an authentic film: where its twin was changed
 * @property {boolean} [everywhere] the whole film is what was made
 * @property {boolean} [imitates] of an authentic film: outlines and masks are of what imitates a hallmark
 * @property {string|((i: number) => string)} [maskUrl] a block of 0 / 65535; outlines are traced from it where none are given
 * @property {number[]} [masks] the slices that have one; all where it is left out
 * @property {string|((i: number) => string)} [twinUrl] the same anatomy without (or with) the hallmark
 * @property {string} [twinLabel] e.g. "twin without the change"
 * @property {(boolean|null)[]} [hits] for each mark: hit, miss, or not graded
 * @property {string} [text] line under the label, e.g. "what was changed is outlined"
 * @property {string} [lens] the lens that would have shown it
 * @property {number} [opacity] of the tint, 0 to 1
 * @typedef {'off'|'blink'|'wipe'|'side'|'difference'} Comparison
 */

const KEPT = 24; // twins of a stack's slices

export class Truth {
  /** @param {TruthGiven} given */
  constructor(given) {
    this.given = given;
    /** @type {Region[]} */
    this.regions = [...(given.outlines ?? []).map((o) => ({ ...o, mimic: given.imitates })), ...(given.twinOutlines ?? []).map((o) => ({ ...o, twin: true }))].map((o) => ({ z: 0, ...o }));
    this.places = placesOf(this.regions);
    /** @type {Set<number>} */
    this.traced = new Set();
    this.opacity = given.opacity ?? 0.16;
    /** which of the places is looked at, or -1 */
    this.place = -1;
    /** @type {Comparison} */
    this.mode = 'off';
    this.blinked = false;
    this.wipe = 0.5;
    /** @type {Map<number, import('./block.js').Slice>} */
    this.twins = new Map();
    /** @type {Map<number, import('./block.js').Slice>} */
    this.differences = new Map();
  }

  get hits() { return this.given.hits ?? []; }
  get hasTwin() { return Boolean(this.given.twinUrl); }

  /** @param {number} z @param {AbortSignal} signal */
  async twin(z, signal) {
    let twin = this.twins.get(z);
    if (!twin && this.given.twinUrl) {
      twin = await load(at(this.given.twinUrl, z), { signal });
      this.twins.set(z, twin);
    }
    return twin;
  }

  /** Regions of the mask, where the page sent no outlines. @param {number} z @param {AbortSignal} signal */
  async traceMask(z, signal) {
    const { maskUrl, masks, outlines } = this.given;
    if (!maskUrl || outlines?.length || this.traced.has(z) || (masks && !masks.includes(z))) return;
    this.traced.add(z);
    const mask = await load(at(maskUrl, z), { signal });
    this.regions.push(...trace(mask).map((points) => ({ points, z, mimic: this.given.imitates })));
    this.places = placesOf(this.regions);
  }

  /** The stack moved on: fetch what belongs to the slice on show. @param {Viewer} viewer */
  async follow(viewer) {
    const { z, abort } = viewer;
    try {
      await Promise.all([this.traceMask(z, abort.signal), this.mode === 'off' ? null : this.twin(z, abort.signal)]);
    } catch (error) {
      if (!abort.signal.aborted) viewer.say(`The truth of slice ${z + 1} could not be loaded. ${/** @type {Error} */ (error).message}`);
    }
    while (this.twins.size > KEPT) { const old = /** @type {number} */ (this.twins.keys().next().value); this.twins.delete(old); this.differences.delete(old); }
    viewer.redraw();
  }

  /** @param {number} z @param {import('./block.js').Slice} film @param {import('./block.js').Slice} twin */
  difference(z, film, twin) {
    let gap = this.differences.get(z);
    if (!gap) this.differences.set(z, (gap = difference(film, twin)));
    return gap;
  }

  /** What is outlined now: places of the twin only beside the twin. */
  get shown() { return this.regions.filter((r) => !r.twin || this.mode !== 'off'); }

  /** The regions of the place looked at. */
  get looked() { return this.places[this.place] ?? []; }

  /** @param {number} step */
  next(step) {
    const n = this.places.length;
    if (!n) return null;
    this.place = this.place < 0 ? (step > 0 ? 0 : n - 1) : (this.place + step + n) % n;
    const { looked } = this;
    return looked[looked.length >> 1];
  }

  /** What is to be said of a slice of a stack. @param {number} z */
  told(z) {
    if (!this.regions.length) return '';
    if (this.regions[0].mimic) return `the look lies in ${sliceText(this.regions.filter((r) => r.mimic))}; the film is authentic`;
    const here = this.regions[0].twin ? 'its twin is ' : this.regions.some((r) => r.z === z) ? '' : 'unchanged here; ';
    return `${here}changed in ${sliceText(this.regions)}`;
  }
}

/** Regions that lie over one another in neighbouring slices are one place. @param {Region[]} regions @returns {Region[][]} */
function placesOf(regions) {
  /** @type {Region[][]} */
  let places = [];
  for (const region of [...regions].sort((a, b) => a.z - b.z)) {
    const met = places.filter((place) => place.some((r) => region.z - r.z === 1 && meet(r.points, region.points)));
    places = [...places.filter((place) => !met.includes(place)), met.flat().concat(region).sort((a, b) => a.z - b.z)];
  }
  return places;
}

/** Whether the boxes around two outlines overlap. @param {[number, number][]} a @param {[number, number][]} b */
function meet(a, b) {
  return [0, 1].every((i) => {
    const [p, q] = [a, b].map((points) => points.map((at) => at[i]));
    return Math.min(...p) <= Math.max(...q) && Math.min(...q) <= Math.max(...p);
  });
}

/** `slice 8`, `slices 8 to 10, 14`. @param {Region[]} regions */
function sliceText(regions) {
  const runs = /** @type {number[][]} */ ([]);
  for (const z of [...new Set(regions.map((r) => r.z))].sort((a, b) => a - b)) {
    const last = runs[runs.length - 1];
    if (last && z === last[1] + 1) last[1] = z;
    else runs.push([z, z]);
  }
  const text = runs.map(([a, b]) => (a === b ? `${a + 1}` : `${a + 1} to ${b + 1}`)).join(', ');
  return `slice${/\D/.test(text) ? 's' : ''} ${text}`;
}

/** @param {string|((i: number) => string)} url @param {number} z */
const at = (url, z) => (typeof url === 'function' ? url(z) : url);

export const MODES = { off: 'off', blink: 'blink', wipe: 'wipe', side: 'side by side', difference: 'difference' };

/** @param {Viewer} viewer @param {TruthGiven} given */
export async function openTruth(viewer, given) {
  const truth = (viewer.truth = new Truth(given));
  viewer.draft = viewer.cursor = null;
  viewer.marks.selected = -1;
  viewer.tool = 'window';
  viewer.panel('');
  viewer.redraw();
  try {
    await truth.traceMask(viewer.z, viewer.abort.signal);
  } catch (error) {
    viewer.say(`The outline could not be loaded. ${/** @type {Error} */ (error).message}`);
    return;
  }
  const n = truth.places.length;
  const told = given.everywhere ? 'The whole film is what was made.' : n ? `${n} outlined ${n > 1 ? 'places' : 'place'}.` : '';
  viewer.say([given.text, told, viewer.stack && truth.told(viewer.z)].filter(Boolean).join('. '));
  viewer.redraw();
}

/** @param {Viewer} viewer @param {Comparison} mode */
export async function compareMode(viewer, mode) {
  const { truth, slice } = viewer;
  if (!truth || !slice) return;
  if (mode !== 'off') {
    try {
      const twin = await truth.twin(viewer.z, viewer.abort.signal);
      if (!twin) { viewer.say('This film has no twin.'); return; }
      if (twin.w !== slice.w || twin.h !== slice.h) throw new Error('It has another size.');
    } catch (error) {
      viewer.say(`The twin could not be loaded. ${/** @type {Error} */ (error).message}`);
      return;
    }
  }
  truth.mode = mode;
  truth.blinked = false;
  viewer.split(mode === 'side' ? 2 : 1);
  viewer.options.onCompare?.(mode);
  viewer.say(mode === 'off' ? 'comparison off' : `comparison: ${MODES[mode]}`);
  viewer.redraw();
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
  viewer.stack?.setCross({ x, y, z: region.z });
  const { pane } = viewer;
  if (!pane.fitted) viewer.look(pane, { ...pane.view, cx: x, cy: y });
  const { truth } = viewer;
  viewer.say([`place ${truth.place + 1} of ${truth.places.length}`, region.mimic && 'the look lies here; the film is authentic', region.label, viewer.stack && sliceText(truth.looked)].filter(Boolean).join(', '));
  viewer.redraw();
}
