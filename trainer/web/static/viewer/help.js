// @ts-check
// The overlay on `?`: every shortcut of the page, each of which can be given another key.
import { button, el } from './dom.js';
import { nameOf, pretty } from './keys.js';

export class Help {
  /** @param {import('./keys.js').Keys} keys @param {HTMLElement} parent */
  constructor(keys, parent) {
    this.keys = keys;
    this.list = el('div', { class: 'v-help-list' });
    this.news = el('p', { class: 'v-small', role: 'status' });
    this.box = el('dialog', { class: 'v-help', 'aria-label': 'Shortcuts' },
      el('div', { class: 'v-flyout-head' }, el('h2', { text: 'Shortcuts' }), button('×', () => this.box.close(), 'Close shortcuts', { class: 'v-close' })),
      el('p', { class: 'v-small', text: 'Choose a key to change it, then press the new one; Delete switches it off, Escape leaves it. On the film: drag with the tool, wheel zooms, two fingers pinch and pan, the middle button pans, the right button zooms.' }),
      this.news, this.list,
      el('div', { class: 'v-row' }, button('Restore all keys', () => { keys.restore(); this.news.textContent = 'All keys are as they were.'; this.#fill(); })));
    parent.append(this.box);
  }

  show() {
    if (this.box.open) return;
    this.news.textContent = '';
    this.#fill();
    this.box.showModal();
  }

  #fill() {
    const groups = [...this.keys.groups()].map(([name, shortcuts]) => el('section', {}, el('h3', { text: name }),
      el('dl', {}, ...shortcuts.flatMap((s) => [el('dt', { text: s.label }), el('dd', {}, this.#key(s))]))));
    this.list.replaceChildren(...groups);
  }

  /** @param {import('./keys.js').Shortcut} shortcut */
  #key(shortcut) {
    const caps = this.keys.of(shortcut.id).map(pretty).join(' or ') || 'off';
    const node = button(caps, () => this.#learn(shortcut, node), `${shortcut.label}: ${caps}. Change`, { class: 'v-key' });
    return node;
  }

  /** Wait for one key. @param {import('./keys.js').Shortcut} shortcut @param {HTMLButtonElement} node */
  #learn(shortcut, node) {
    node.textContent = 'press a key';
    const heard = (/** @type {KeyboardEvent} */ event) => {
      const key = nameOf(event);
      if (!key) return;
      event.preventDefault();
      event.stopPropagation();
      node.removeEventListener('keydown', heard);
      if (key === 'Tab' || key === 'Escape') this.news.textContent = `${shortcut.label}: unchanged.`;
      else {
        const loser = this.keys.remap(shortcut.id, key === 'Delete' ? null : key);
        this.news.textContent = `${shortcut.label}: ${key === 'Delete' ? 'off' : pretty(key)}.`;
        if (loser) this.news.append(` ${loser.label} has lost it.`);
      }
      this.#fill();
      /** @type {HTMLElement|null} */ (this.list.querySelector(`[aria-label^="${CSS.escape(shortcut.label)}:"]`))?.focus();
    };
    node.addEventListener('keydown', heard);
    node.addEventListener('blur', () => { node.removeEventListener('keydown', heard); }, { once: true });
  }
}
