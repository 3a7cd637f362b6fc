// @ts-check
// The page's end of the lens worker, and the pictures it makes. Loaded with the first lens.
import { LENSES, axisOf } from '../lenses.js';

export class Lenses {
  constructor() {
    /** @type {Worker|null} started with the first lens */
    this.worker = null;
    /** @type {Map<number, {done: (v: any) => void, fail: (e: Error) => void}>} */
    this.waiting = new Map();
    this.serial = 0;
    /** @type {object|null} */
    this.sent = null;
    this.sends = 0;
  }

  /**
   * @param {import('./maps.js').Film} film
   * @param {string} lens a function of maps.js or regions.js
   * @param {...any} args
   * @returns {Promise<any>}
   */
  ask(film, lens, ...args) {
    this.worker ??= this.#start();
    const id = ++this.serial;
    const sent = this.sent === film ? null : { w: film.w, h: film.h, data: film.data.slice() };
    this.sent = film;
    if (sent) this.sends++;
    const answer = new Promise((done, fail) => this.waiting.set(id, { done, fail }));
    this.worker.postMessage({ id, lens, args, sent }, sent ? [sent.data.buffer] : []);
    return answer;
  }

  #start() {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data: { id, result, error } }) => {
      const asked = this.waiting.get(id);
      this.waiting.delete(id);
      if (error) asked?.fail(new Error(error)); else asked?.done(result);
    };
    worker.onerror = () => {
      for (const { fail } of this.waiting.values()) fail(new Error('The lens could not be computed.'));
      this.waiting.clear();
      this.worker = null;
      this.sent = null;
    };
    return worker;
  }

  destroy() { this.worker?.terminate(); }
}

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
