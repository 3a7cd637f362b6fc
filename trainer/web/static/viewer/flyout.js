// @ts-check
// The small panel beside the tools: numbers and buttons for all that a drag does, so that no drag is ever needed.
import { nudge, panBy, placeAtCursor } from './commands.js';
import { button, el, newId, press, row } from './dom.js';
import { closeOutline } from './input.js';
import { histogramPart, lensPart, profilePart, regionPart, spectrumPart } from './lens_panel.js';
import { LENSES, toggleLens } from './lenses.js';
import { short } from './looking.js';
import { TOOLS } from './strip.js';
import { MODES } from './truth.js';

/** @typedef {import('./viewer.js').Viewer} Viewer */
/** Each part returns nodes and, if it shows anything that changes, a function that brings it up to date.
 * @typedef {{nodes: Node[], refresh?: () => void}} Part */

export class Flyout {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.kind = '';
    this.root = el('div', { class: 'v-flyout', role: 'group', hidden: true });
    viewer.room.append(this.root);
    /** @type {(() => void)|undefined} */
    this.update = undefined;
  }

  /** @param {string} kind a tool's id; '' closes */
  open(kind) {
    const make = /** @type {any} */ (PARTS)[kind];
    this.kind = make ? kind : '';
    this.root.hidden = !make;
    this.root.replaceChildren();
    this.update = undefined;
    if (!make) return;
    /** @type {Part} */
    const part = make(this.viewer);
    const label = TOOLS[kind].label;
    this.root.setAttribute('aria-label', label);
    const close = el('button', { type: 'button', class: 'v-close', 'aria-label': `Close ${label}`, text: '×', onclick: () => { this.viewer.panel(''); this.viewer.strip.buttons.get(kind)?.focus(); } });
    this.root.append(el('div', { class: 'v-flyout-head' }, el('b', { text: label }), close), ...part.nodes);
    this.update = part.refresh;
    this.refresh();
  }

  refresh() { this.update?.(); }
}


/** @param {string} label @param {(value: number) => void} set @param {Record<string, any>} [attributes] */
function numberField(label, set, attributes = {}) {
  const id = newId('n');
  const input = el('input', { id, type: 'number', step: 1, ...attributes, onchange: () => { if (input.value !== '' && Number.isFinite(input.valueAsNumber)) set(input.valueAsNumber); } });
  return { input, nodes: [el('label', { for: id, text: label }), input] };
}

/** Write into a field unless the reader is typing there. @param {HTMLInputElement|HTMLSelectElement} field @param {string} value */
function put(field, value) {
  if (document.activeElement !== field && field.value !== value) field.value = value;
}

/** @param {string} label @param {[string, string][]} options @param {(value: string) => void} set */
function choice(label, options, set) {
  const id = newId('s');
  const select = el('select', { id, onchange: () => set(select.value) }, ...options.map(([value, text]) => el('option', { value, text })));
  return { select, nodes: [el('label', { for: id, text: label }), select] };
}

/** @param {string} label @param {() => number} get @param {(value: number) => void} set 0 to 1 */
function slider(label, get, set) {
  const id = newId('r');
  const input = el('input', { id, type: 'range', min: 0, max: 100, step: 1, oninput: () => set(input.valueAsNumber / 100) });
  return { nodes: [el('label', { for: id, text: label }), input], refresh: () => put(input, String(Math.round(100 * get()))) };
}

/** @param {Viewer} v @returns {Part} */
function windowPart(v) {
  const width = numberField('Window', (value) => v.setWindow(v.greyOf(v.pane).centre, value), { step: 'any' });
  const level = numberField('Level', (value) => v.setWindow(value, v.greyOf(v.pane).width), { step: 'any' });
  const preset = choice('Preset', [['', 'own'], ...v.presets.map((p) => /** @type {[string, string]} */ ([p.name, p.name]))], (name) => {
    const p = v.presets.find((q) => q.name === name);
    if (p) v.setWindow(p.centre, p.width, p.name);
  });
  const grey = () => v.greyOf(v.pane);
  const wide = (/** @type {number} */ f) => () => v.setWindow(grey().centre, grey().width * f);
  const shift = (/** @type {number} */ f) => () => v.setWindow(grey().centre + grey().width * f, grey().width);
  return {
    nodes: [
      row(...preset.nodes),
      row(...width.nodes, button('−', wide(1 / 1.1), 'Window narrower'), button('+', wide(1.1), 'Window wider')),
      row(...level.nodes, button('−', shift(-0.05), 'Level down, brighter'), button('+', shift(0.05), 'Level up, darker')),
      row(button('Invert', () => v.invert()), button('As sent', () => v.reset())),
      el('p', { class: 'v-small', text: `Drag right to widen, down to darken. ${v.grey.voi === 'sigmoid' ? 'Sigmoid' : 'Linear'} window.` }),
    ],
    refresh: () => {
      put(width.input, String(short(grey().width)));
      put(level.input, String(short(grey().centre)));
      put(preset.select, v.preset);
    },
  };
}

/** @param {Viewer} v @returns {Part} */
function zoomPart(v) {
  const link = button('Linked', () => { v.linked = !v.linked; v.refresh(); });
  const percent = numberField('Zoom %', (value) => v.zoomTo(value / 100), { min: 2, max: 3200 });
  return {
    nodes: [
      row(...percent.nodes, button('−', () => v.zoomBy(0.8), 'Zoom out'), button('+', () => v.zoomBy(1.25), 'Zoom in')),
      row(button('Fit', () => v.fit()), button('1:1', () => v.zoomTo(1)), button('200 %', () => v.zoomTo(2)), button('400 %', () => v.zoomTo(4))),
      row(button('⟲', () => v.rotate(-1), 'Turn anticlockwise'), button('⟳', () => v.rotate(1), 'Turn clockwise'), button('Flip', () => v.flip())),
      row(el('span', { text: 'Views' }), ...[1, 2, 4].map((n) => button(String(n), () => v.hang(n), n > 1 ? `${n} linked views` : 'One view')), link),
    ],
    refresh: () => {
      put(percent.input, String(Math.round(100 * v.pane.view.zoom)));
      link.hidden = v.panes.length < 2;
      press(link, v.linked);
    },
  };
}

/** @param {(dx: number, dy: number) => void} run @param {string} verb */
function arrows(run, verb) {
  return row(button('←', () => run(-1, 0), `${verb} left`), button('↑', () => run(0, -1), `${verb} up`), button('↓', () => run(0, 1), `${verb} down`), button('→', () => run(1, 0), `${verb} right`));
}

/** @param {Viewer} v @returns {Part} */
function panPart(v) {
  return { nodes: [arrows((dx, dy) => panBy(v, -dx, -dy), 'Look'), row(button('Fit', () => v.fit()))] };
}

/** @param {Viewer} v @returns {Part} */
function markPart(v) {
  const hallmark = choice('Hallmark', [['', 'not said'], ...v.options.hallmarks.map((h) => /** @type {[string, string]} */ ([h.id, h.label]))],
    (value) => v.updateMark(v.marks.selected, { hallmark: value || null }));
  const sure = choice('How sure', [['', 'not said'], ...[1, 2, 3, 4, 5].map((n) => /** @type {[string, string]} */ ([String(n), `${n} of 5`]))],
    (value) => v.updateMark(v.marks.selected, { confidence: value ? Number(value) : null }));
  const which = el('p', { class: 'v-small' });
  const one = el('fieldset', { class: 'v-plain' },
    ...(v.options.hallmarks.length ? [row(...hallmark.nodes)] : []), row(...sure.nodes),
    arrows((dx, dy) => nudge(v, dx, dy, 10), 'Move mark'), row(button('Remove', () => v.removeMark(v.marks.selected))));
  const close = button('Close the outline', () => closeOutline(v));
  return {
    nodes: [
      which,
      row(button('Place at crosshair', () => placeAtCursor(v)), close),
      row(button('Previous', () => { v.marks.cycle(-1); v.select(v.marks.selected); }), button('Next', () => { v.marks.cycle(1); v.select(v.marks.selected); }), button('Undo', () => v.undo())),
      one,
    ],
    refresh: () => {
      const { current, selected, list } = v.marks;
      which.textContent = current ? `Mark ${selected + 1} of ${list.length}` : `${list.length} of at most ${v.options.maxMarks} marks; none chosen`;
      one.hidden = !current;
      close.hidden = v.draft?.kind !== 'outline';
      if (!current) return;
      put(hallmark.select, current.hallmark ?? '');
      put(sure.select, current.confidence ? String(current.confidence) : '');
    },
  };
}

/** @param {Viewer} v @returns {Part} */
function truthPart(v) {
  const modes = Object.entries(MODES).map(([mode, label]) => button(label, () => v.compare(/** @type {any} */ (mode))));
  const tint = slider('Tint', () => v.truth?.opacity ?? 0, (value) => v.setOpacity(value));
  const wipe = slider('Wipe', () => v.truth?.wipe ?? 0, (value) => { if (v.truth) v.truth.wipe = value; v.redraw(); });
  const wipeRow = row(...wipe.nodes);
  const twins = el('div', {}, el('p', { class: 'v-small', text: v.truth?.given.twinLabel ?? 'Its twin' }), row(...modes), wipeRow, row(button('Blink once', () => { v.blink(); })));
  const places = row(button('Previous place', () => v.nextRegion(-1)), button('Next place', () => v.nextRegion(1)));
  const lens = v.truth?.given.lens;
  const lensButton = lens && LENSES[lens]?.map ? [row(button(`Through the lens: ${LENSES[lens].label}`, () => toggleLens(v, lens)))] : [];
  return {
    nodes: [places, row(...tint.nodes), ...lensButton, twins],
    refresh: () => {
      places.hidden = !v.truth?.regions.length;
      twins.hidden = !v.truth?.hasTwin;
      wipeRow.hidden = v.truth?.mode !== 'wipe';
      modes.forEach((node, i) => press(node, Object.keys(MODES)[i] === v.truth?.mode));
      tint.refresh();
      wipe.refresh();
    },
  };
}

const PARTS = { window: windowPart, zoom: zoomPart, pan: panPart, point: markPart, ellipse: markPart, outline: markPart, truth: truthPart, lens: lensPart, spectrum: spectrumPart, region: regionPart, profile: profilePart, histogram: histogramPart };
