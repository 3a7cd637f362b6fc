// @ts-check
// The column of tools at the left of the stage (a bar below it on a narrow screen).
import { el, glyph, press } from './dom.js';
import { LENSES, allowed } from './lenses.js';

/** @typedef {import('./viewer.js').Viewer} Viewer */
/**
 * `drag` is what a pointer does with a tool that a page brings along.
 * @typedef {{label: string, key: string, icon: string, gap?: boolean, measures?: boolean, when?: (v: Viewer) => boolean,
 *   drag?: (v: Viewer, pane: import('./pane.js').Pane, at: [number, number], event: PointerEvent) => import('./input.js').Drag|null}} Tool
 * @type {Record<string, Tool>}
 */
export const TOOLS = {
  window: { label: 'Window and level', key: 'w', icon: 'M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14' },
  pan: { label: 'Pan', key: 'p', icon: 'M10 2v16M2 10h16M7.5 4.5L10 2l2.5 2.5M7.5 15.5L10 18l2.5-2.5M4.5 7.5L2 10l2.5 2.5M15.5 7.5L18 10l-2.5 2.5' },
  zoom: { label: 'Zoom, turn, flip', key: 'z', icon: 'M8.5 3a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11M12.5 12.5L17.5 17.5M6 8.5h5M8.5 6v5' },
  slices: { label: 'Scroll slices', key: 'Shift+z', icon: 'M4 6h12M4 10h12M4 14h12M10 2v3M10 15v3', when: (v) => v.options.slices > 1 },
  cross: { label: 'Crosshair of three planes', key: 'Shift+x', icon: 'M10 2v16M2 10h16', when: (v) => v.panes.some((p) => p.plane) },
  lens: { label: 'Lenses', key: 'Shift+f', gap: true, icon: 'M10 3a7 7 0 1 0 0 14a7 7 0 0 0 0-14M4.5 8h11M4.5 12h11', when: (v) => Object.keys(LENSES).some((id) => LENSES[id].map && allowed(v, id)) },
  spectrum: measure('spectrum', 'M2 17h16M3 17c2 0 2-12 4-12s1 9 3 9s1-5 3-5s1 8 4 8'),
  region: measure('region', 'M3 5h9v7H3zM9 13a4.5 3 0 1 0 9 0a4.5 3 0 1 0-9 0'),
  profile: measure('profile', 'M2 17L18 3M2 12l3 2M15 8l3 3'),
  histogram: measure('histogram', 'M3 17V12M7 17V5M11 17V8M15 17V14M2 17h16'),
  point: { label: 'Mark: point', key: 'x', gap: true, icon: 'M10 6a4 4 0 1 0 0 8a4 4 0 0 0 0-8M10 1v5M10 14v5M1 10h5M14 10h5', when: (v) => markable(v, 'point') },
  ellipse: { label: 'Mark: ellipse', key: 'e', icon: 'M2 10a8 5 0 1 0 16 0a8 5 0 1 0 -16 0', when: (v) => markable(v, 'ellipse') },
  outline: { label: 'Mark: outline', key: 'o', icon: 'M4 6L11 3L17 8L14 16L6 15Z', when: (v) => markable(v, 'outline') },
  truth: { label: 'Truth and twin', key: 'y', gap: true, icon: 'M3 4h6v12H3zM11 4h6v12h-6zM14 7v6', when: (v) => Boolean(v.truth) },
};

/** @param {string} id @param {string} icon @returns {Tool} */
function measure(id, icon) {
  return { label: LENSES[id].label, key: LENSES[id].key, icon, measures: true, when: (v) => allowed(v, id) };
}

/** @param {Viewer} v @param {string} kind */
function markable(v, kind) {
  return !v.truth && v.options.markKinds.includes(/** @type {any} */ (kind));
}

/**
 * The first press takes a tool up, the next opens its options and closes them.
 * @param {Viewer} v @param {string} id @param {boolean} [open] open them with the first press
 */
export function takeUp(v, id, open = v.tool === id || id === 'lens' || id === 'truth') {
  if (v.tool === id && v.flyout?.kind === id) v.panel('');
  else v.use(id, open);
}

export class Strip {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.root = el('div', { class: 'v-strip', role: 'toolbar', 'aria-label': 'Tools', 'aria-orientation': 'vertical' });
    /** @type {Map<string, HTMLButtonElement>} */
    this.buttons = new Map();
    for (const [id, tool] of Object.entries(TOOLS)) {
      this.#add(id, tool.label, tool.icon, () => takeUp(viewer, id, true), tool.gap);
    }
    this.#add('magnify', 'Magnifier', 'M8.5 3a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11M12.5 12.5L17.5 17.5', () => { viewer.magnify(); }, true);
    this.#add('invert', 'Invert', 'M3 3h14v14H3zM3 3v14h7V3z', () => viewer.invert());
    this.#add('reset', 'Reset', 'M4 10a6 6 0 1 0 2-4.5M6 2v4h4', () => viewer.reset());
    this.#add('help', 'Shortcuts', 'M7 7a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M10 15.5v.5', () => { viewer.showHelp(); });
    this.root.addEventListener('keydown', (/** @type {KeyboardEvent} */ e) => this.#rove(e));
  }

  /** @param {string} id @param {string} label @param {string} icon @param {() => void} run @param {boolean} [gap] */
  #add(id, label, icon, run, gap = false) {
    const node = el('button', { type: 'button', class: gap ? 'v-tool v-gap' : 'v-tool', 'aria-label': label, onclick: run }, glyph(icon), el('kbd', { 'aria-hidden': 'true' }));
    this.buttons.set(id, node);
    this.root.append(node);
  }

  /** Pressed state, shortcut caps, and one tab stop for the whole strip. */
  refresh() {
    const { viewer } = this;
    /** @type {HTMLButtonElement[]} */
    const shown = [];
    for (const [id, node] of this.buttons) {
      const tool = TOOLS[id];
      node.hidden = Boolean(tool?.when && !tool.when(viewer));
      if (!node.hidden) shown.push(node);
      const on = tool ? viewer.tool === id : id === 'invert' ? viewer.greyOf(viewer.pane).invert : id === 'magnify' ? viewer.magnifying : null;
      if (on !== null) press(node, on);
      if (tool) node.setAttribute('aria-expanded', String(viewer.flyout?.kind === id));
      const cap = viewer.keys.cap(tool ? `viewer.tool.${id}` : `viewer.${id}`).replace('Shift ', '⇧');
      const kbd = /** @type {HTMLElement} */ (node.lastChild);
      if (kbd.textContent !== cap) {
        kbd.textContent = cap;
        node.title = cap ? `${node.getAttribute('aria-label')} (${cap})` : String(node.getAttribute('aria-label'));
      }
    }
    if (!shown.some((n) => n.tabIndex === 0) || [...this.buttons.values()].some((n) => n.hidden && n.tabIndex === 0)) {
      this.buttons.forEach((n) => { n.tabIndex = n === shown[0] ? 0 : -1; });
    }
  }

  /** Arrow keys walk the strip. @param {KeyboardEvent} event */
  #rove(event) {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const shown = [...this.buttons.values()].filter((n) => !n.hidden);
    const at = shown.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    if (at < 0) return;
    event.preventDefault();
    const next = shown[(at + step + shown.length) % shown.length];
    this.buttons.forEach((n) => { n.tabIndex = n === next ? 0 : -1; });
    next.focus();
  }
}
