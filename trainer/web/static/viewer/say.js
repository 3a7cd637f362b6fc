// @ts-check
// What a screen reader hears. Only the last of a burst is said, so that a drag does not chatter.
import { el } from './dom.js';

export class Voice {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.polite = el('div', { class: 'v-unseen', 'aria-live': 'polite', 'data-live': 'polite' });
    this.urgent = el('div', { class: 'v-unseen', role: 'alert' });
    parent.append(this.polite, this.urgent);
    this.timer = 0;
  }

  /** @param {string} text */
  say(text) {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      this.polite.textContent = text;
    }, 120);
  }

  /** @param {string} text */
  alarm(text) { this.urgent.textContent = text; }

  destroy() { clearTimeout(this.timer); }
}
