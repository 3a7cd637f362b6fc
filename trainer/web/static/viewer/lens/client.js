// @ts-check
// The page's end of the lens worker.

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
