// @ts-check
// One table of shortcuts for the whole page: the viewer and the call panel register here, `?` lists it, a person may
// change it. Letters are safe for speech users because each can be moved or switched off (WCAG 2.1.4).

/**
 * @typedef {object} Shortcut
 * @property {string} id stable name, e.g. "viewer.invert"
 * @property {string} group heading in the overlay, e.g. "Look"
 * @property {string} label what it does, e.g. "Invert"
 * @property {string[]} keys default keys: "i", "Shift+ArrowUp", "Ctrl+z", "?" ; [] for none
 * @property {(event?: KeyboardEvent) => void} run
 * @property {() => boolean} [when] whether it applies now
 */

const STORE = 'telltale.keys';

export class Keys {
  /**
   * @param {object} [options]
   * @param {Record<string, string[]>} [options.bindings] a person's own keys by id; from the server, else from this browser
   * @param {(bindings: Record<string, string[]>) => void} [options.onChange] called to keep them
   */
  constructor({ bindings, onChange } = {}) {
    /** @type {Map<string, Shortcut>} */
    this.shortcuts = new Map();
    this.bindings = bindings ?? recall();
    this.onChange = onChange ?? remember;
    this.listening = new AbortController();
    document.addEventListener('keydown', (event) => this.#press(event), { signal: this.listening.signal });
  }

  /** @param {...Shortcut} shortcuts */
  register(...shortcuts) {
    for (const s of shortcuts) this.shortcuts.set(s.id, s);
  }

  /** @param {string} prefix ids that begin with it are forgotten */
  unregister(prefix) {
    for (const id of this.shortcuts.keys()) if (id.startsWith(prefix)) this.shortcuts.delete(id);
  }

  /** The keys of a shortcut now. @param {string} id @returns {string[]} */
  of(id) {
    return this.bindings[id] ?? this.shortcuts.get(id)?.keys ?? [];
  }

  /** The first key, as printed on a button. @param {string} id */
  cap(id) {
    return pretty(this.of(id)[0] ?? '');
  }

  /**
   * Give a shortcut another key; whoever had the key loses it.
   * @param {string} id @param {string|null} key null switches it off
   * @returns {Shortcut|undefined} who lost the key
   */
  remap(id, key) {
    const loser = key ? [...this.shortcuts.values()].find((s) => s.id !== id && this.of(s.id).includes(key)) : undefined;
    if (loser) this.bindings = { ...this.bindings, [loser.id]: this.of(loser.id).filter((k) => k !== key) };
    this.bindings = { ...this.bindings, [id]: key ? [key] : [] };
    this.onChange(this.bindings);
    return loser;
  }

  /** Every shortcut back to its own keys. */
  restore() {
    this.bindings = {};
    this.onChange(this.bindings);
  }

  /** All shortcuts by group, for the overlay. @returns {Map<string, Shortcut[]>} */
  groups() {
    const groups = new Map();
    for (const s of this.shortcuts.values()) groups.set(s.group, [...(groups.get(s.group) ?? []), s]);
    return groups;
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.defaultPrevented || event.isComposing) return;
    const key = nameOf(event);
    if (!key || belongsToField(event, key)) return;
    for (const s of this.shortcuts.values()) {
      if (this.of(s.id).includes(key) && (!s.when || s.when())) {
        event.preventDefault();
        s.run(event);
        return;
      }
    }
  }

  destroy() { this.listening.abort(); }
}

/** The name of a key press: "i", "Shift+ArrowUp", "Ctrl+z". Cmd counts as Ctrl. @param {KeyboardEvent} event */
export function nameOf(event) {
  const { key } = event;
  if (['Shift', 'Control', 'Alt', 'Meta', 'Dead', 'Unidentified'].includes(key)) return '';
  const letter = key.length === 1;
  const base = letter ? (key === ' ' ? 'Space' : key.toLowerCase()) : key;
  const shift = event.shiftKey && (!letter || key.toLowerCase() !== key.toUpperCase() || key === ' ');
  return [(event.ctrlKey || event.metaKey) && 'Ctrl', event.altKey && 'Alt', shift && 'Shift', base].filter(Boolean).join('+');
}

/** @param {string} key */
export function pretty(key) {
  const names = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→', Escape: 'Esc', Delete: 'Del' };
  const parts = key === '+' ? ['+'] : key.split('+');
  return parts.map((k) => /** @type {any} */ (names)[k] ?? (k.length === 1 ? k.toUpperCase() : k)).join(' ');
}

/** A key that the focused field or button needs itself. @param {KeyboardEvent} event @param {string} key */
function belongsToField(event, key) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (!(target instanceof Element)) return false;
  if (document.querySelector('dialog[open]')) return true;
  if (target.matches('select, textarea, [contenteditable=""], [contenteditable="true"]')) return true;
  if (target.matches('input')) {
    const type = /** @type {HTMLInputElement} */ (target).type;
    if (!['checkbox', 'radio', 'range', 'button', 'submit'].includes(type)) return true;
    return /^(Arrow|Page|Home|End|Space)/.test(key.replace(/^Shift\+/, ''));
  }
  return target.matches('button, a[href], summary') && /^(Space|Enter)$/.test(key);
}

function recall() {
  try {
    return JSON.parse(localStorage.getItem(STORE) ?? '{}');
  } catch {
    return {};
  }
}

/** @param {Record<string, string[]>} bindings */
function remember(bindings) {
  try {
    localStorage.setItem(STORE, JSON.stringify(bindings));
  } catch { /* a browser that keeps nothing still obeys for this page */ }
}
