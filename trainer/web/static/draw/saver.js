// @ts-check
// Keeps a draft on the server while it is made: soon after each change, one save at a time, again after a lost line.

const PAUSE = 700;
const WAITS = [1000, 2000, 4000, 8000, 15000];

export class Saver {
  /**
   * @param {string} url @param {string} csrf @param {number} version of the draft the page holds, 0 for none
   * @param {() => any} read what is to be kept @param {(words: string, bad: boolean) => void} tell
   */
  constructor(url, csrf, version, read, tell) {
    this.url = url;
    this.csrf = csrf;
    this.version = version;
    this.read = read;
    this.tell = tell;
    this.dirty = false;
    this.over = false;
    this.timer = 0;
    this.tries = 0;
    /** @type {Promise<void>|null} */
    this.going = null;
    window.addEventListener('beforeunload', (event) => { if (this.dirty && !this.over) event.preventDefault(); });
    document.addEventListener('visibilitychange', () => { if (document.hidden && this.dirty) this.now(); });
    window.addEventListener('online', () => { if (this.dirty) this.now(); });
  }

  /** Something changed. */
  touch() {
    this.dirty = true;
    this.tell('Not saved yet …', false);
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.now(), PAUSE);
  }

  /** Nothing more is to be saved. */
  done() {
    this.over = true;
    this.dirty = false;
    clearTimeout(this.timer);
  }

  /** @param {boolean} [must] also where nothing changed, and say so when it fails @returns {Promise<void>} */
  async now(must = false) {
    clearTimeout(this.timer);
    while (this.going) await this.going.catch(() => {});
    if (this.over || (!this.dirty && !(must && !this.version))) return;
    this.going = this.#send();
    try {
      await this.going;
    } catch (error) {
      if (must) throw error;
    } finally {
      this.going = null;
    }
  }

  async #send() {
    this.dirty = false;
    /** @type {Response} */
    let answer;
    try {
      answer = await fetch(this.url, {
        method: 'POST',
        body: JSON.stringify({ ...this.read(), version: this.version }),
        headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'fetch', 'X-CSRFToken': this.csrf },
        redirect: 'manual',
      });
    } catch {
      return this.#later(navigator.onLine ? 'the server does not answer' : 'you are offline');
    }
    if (answer.ok) {
      this.version = (await answer.json()).version;
      this.tries = 0;
      if (!this.dirty) this.tell(`Draft saved at ${new Date().toLocaleTimeString()}`, false);
      return undefined;
    }
    if (answer.status >= 500) return this.#later('the server did not manage');
    this.dirty = true;
    const words = answer.type === 'opaqueredirect' || answer.status === 401
      ? 'Your session has ended. Sign in in another tab, then change something here.' : await answer.text();
    this.tell(`Not saved: ${words}`, true);
    throw new Error(words);
  }

  /** @param {string} why @returns {never} */
  #later(why) {
    this.dirty = true;
    const wait = WAITS[Math.min(this.tries++, WAITS.length - 1)];
    this.tell(`Not saved: ${why}. Trying again in ${wait / 1000} s; stay on this page.`, true);
    this.timer = window.setTimeout(() => this.now(), wait);
    throw new Error(`The draft is not saved: ${why}.`);
  }
}
