// @ts-check
// The lenses' panels: what each shows and what it cannot, its settings, its numbers and plots. Loaded with the flyout.
import { placeAtCursor } from './commands.js';
import { button, el, press, row, svg } from './dom.js';
import { LENSES, allowed, axisOf, toggleLens } from './lenses.js';

/** @typedef {import('./viewer.js').Viewer} Viewer */
/** @typedef {import('./flyout.js').Part} Part */

/** One line each: what it shows; what it cannot. @type {Record<string, string>} */
export const SHOWS = {
  mirror: 'Lays the film on its mirror image: copied halves fall together. Cannot tell a copy from a well-centred, symmetric patient.',
  asymmetry: 'Left minus right: mid grey is equal, grain that cancels was copied. Cannot work unless the mirror line is where the copy was made.',
  noise: 'Local SD of the finest grain: pasted or painted places often carry another grain. Cannot tell a forgery from collimation, metal, scatter or processing.',
  detail: 'Film minus its local mean: edges, seams, repeated texture. Cannot show anything broader than five pixels.',
  smoothness: 'Bright is smoother than other places of the same brightness. Cannot tell painted from naturally featureless, such as fluid or air.',
  amplify: 'Every place at the same local contrast: faint seams and grids as loud as bone. Cannot say how strong anything is; compression looks strong too.',
  spectrum: 'Regular patterns as bright dots off the centre. Cannot tell an up-sampling grid from an anti-scatter grid or a resized export.',
  region: 'Mean and spread of a place; compare two. Cannot say what grain should be: dose, detector and processing set it.',
  profile: 'Grey along a line: seams are steps, edges too clean are too steep. Cannot see beside its one line.',
  histogram: 'How often each grey occurs: gaps and combs betray rescaling. Cannot show where. Nearly every export leaves some.',
};

/** @param {Viewer} v @param {...string} ids */
const usable = (v, ...ids) => ids.filter((id) => allowed(v, id));
/** @param {string} text */
const small = (text) => el('p', { class: 'v-small', text });

/** @param {Viewer} v @returns {Part} */
export function lensPart(v) {
  const maps = usable(v, ...Object.keys(LENSES).filter((id) => LENSES[id].map));
  const buttons = maps.map((id) => button(LENSES[id].label, () => toggleLens(v, id)));
  const says = small('');
  const axis = el('input', { type: 'range', step: 0.5, 'aria-label': 'Mirror line', oninput: () => { v.axis = axis.valueAsNumber; v.redraw(); } });
  const axisRow = row(el('span', { text: 'Mirror line' }), axis, button('←', () => step(-0.5), 'Mirror line left'), button('→', () => step(0.5), 'Mirror line right'));
  const step = (/** @type {number} */ by) => { if (v.slice) { v.axis = axisOf(v, v.slice) + by; v.redraw(); } };
  return {
    nodes: [row(...buttons), says, axisRow, small('A lens shows, it proves nothing. Drag to set its own window.')],
    refresh: () => {
      const { lens, slice } = v.pane;
      maps.forEach((id, i) => press(buttons[i], id === lens));
      says.textContent = SHOWS[lens] ?? 'Choose a lens.';
      axisRow.hidden = lens !== 'mirror' && lens !== 'asymmetry';
      if (!slice) return;
      axis.max = String(slice.w - 1);
      if (document.activeElement !== axis) axis.value = String(axisOf(v, slice));
    },
  };
}

/** @param {Viewer} v @returns {Part} */
export function regionPart(v) {
  const m = /** @type {import('./measuring.js').Measuring} */ (v.measuring);
  const kinds = /** @type {const} */ (['box', 'ellipse']).map((kind) => button(kind, () => { m.kind = kind; v.redraw(); }));
  const table = el('table', { class: 'v-numbers' });
  const compared = small('');
  return {
    nodes: [small(SHOWS.region), row(...kinds, button('Clear', () => m.clear())), row(button('At crosshair', () => placeAtCursor(v)), button('Smaller', () => grow(m, -4)), button('Larger', () => grow(m, 4))), table, compared],
    refresh: () => {
      kinds.forEach((node, i) => press(node, m.kind === ['box', 'ellipse'][i]));
      const found = m.regions.map((r) => m.inUnits(r));
      const head = el('tr', {}, ...['', 'mean', 'SD (n − 1)', 'SNR', 'pixels'].map((text) => el('th', { scope: 'col', text })));
      table.replaceChildren(head, ...found.map((n, i) => el('tr', {}, el('th', { scope: 'row', text: 'AB'[i] }),
        ...(n ? [n.mean.toFixed(1), n.sd.toFixed(2), n.snr.toFixed(1), String(n.count)] : ['–', '–', '–', '0']).map((text) => el('td', { text })))));
      table.hidden = !found.length;
      const [p, q] = found;
      compared.textContent = p && q
        ? `A − B: ${(p.mean - q.mean).toFixed(1)}; SD ratio A / B: ${(p.sd / q.sd).toFixed(2)}; contrast to noise: ${(Math.abs(p.mean - q.mean) / Math.sqrt((p.sd ** 2 + q.sd ** 2) / 2)).toFixed(2)}`
        : 'Drag a box; a second one is compared with the first.';
    },
  };
}

/** @param {import('./measuring.js').Measuring} m @param {number} by pixels on each side */
function grow(m, by) {
  const last = m.regions[m.regions.length - 1];
  if (!last) return;
  const [[xa, ya], [xb, yb]] = last.points;
  const [x0, x1, y0, y1] = [Math.min(xa, xb), Math.max(xa, xb), Math.min(ya, yb), Math.max(ya, yb)];
  if (x1 - x0 + 2 * by < 1 || y1 - y0 + 2 * by < 1) return;
  m.setRegion({ ...last, points: [[x0 - by, y0 - by], [x1 + by, y1 + by]], found: undefined }, last);
}

/** @param {Viewer} v @returns {Part} */
export function profilePart(v) {
  const m = /** @type {import('./measuring.js').Measuring} */ (v.measuring);
  const plot = el('div', {});
  return {
    nodes: [small(SHOWS.profile), row(button('End at crosshair', () => placeAtCursor(v)), button('Clear', () => m.clear())), plot],
    refresh: () => {
      const { slice } = v;
      const found = m.line?.found;
      if (!slice || !found) { plot.replaceChildren(small('Drag a line.')); return; }
      const values = [...found.values].map((s) => s * slice.slope + slice.intercept);
      const mm = found.length * slice.columnMm;
      plot.replaceChildren(curve(values, `Profile: ${values.length} values over ${mm.toFixed(1)} mm`));
    },
  };
}

/** @param {Viewer} v @returns {Part} */
export function histogramPart(v) {
  const m = /** @type {import('./measuring.js').Measuring} */ (v.measuring);
  const plot = el('div', {});
  return {
    nodes: [small(SHOWS.histogram), row(button('Whole film', () => m.clear())), plot],
    refresh: () => {
      const { slice } = v;
      m.needHistogram();
      if (!slice || !m.histogram) return;
      const { low, high, counts } = m.histogram;
      const units = (/** @type {number} */ s) => Math.round(s * slice.slope + slice.intercept);
      plot.replaceChildren(curve([...counts].map((n) => Math.log10(1 + n)), `${m.regions.length ? 'Newest box' : 'Whole film'}: ${units(low)} to ${units(high)}, log counts`, true));
    },
  };
}

/** @param {Viewer} v @returns {Part} */
export function spectrumPart(v) {
  const m = /** @type {import('./measuring.js').Measuring} */ (v.measuring);
  const sizes = [64, 128, 256].map((size) => button(String(size), () => m.setSize(size), `${size} pixels`));
  const canvas = el('canvas', { class: 'v-spectrum', role: 'img', 'aria-label': 'Power spectrum, zero frequency in the middle' });
  const plot = el('div', {});
  return {
    nodes: [small(SHOWS.spectrum), row(...sizes, button('At crosshair', () => placeAtCursor(v))), canvas, plot],
    refresh: () => {
      sizes.forEach((node, i) => press(node, m.size === 64 << i));
      const found = m.square?.found;
      canvas.hidden = !found;
      if (!found || !v.slice) { plot.replaceChildren(small('Click or drag on the film.')); return; }
      drawPower(canvas, found);
      const { fx, fy, ratio } = found.peak;
      const period = 1 / Math.hypot(fx, fy);
      plot.replaceChildren(
        curve([...found.ring].slice(1).map((p) => Math.log10(p + 1e-9)), `Mean power by frequency, log, up to ${(0.5 / v.slice.columnMm).toFixed(2)} per mm`),
        small(`Strongest peak: ${ratio.toFixed(1)} times its ring, period ${period.toFixed(2)} pixels (${(period * v.slice.columnMm).toFixed(2)} mm). Grain alone reaches about ${chance(found.n).toFixed(0)}.`));
    },
  };
}

/** The peak that white noise of n x n leaves to chance: power is exponential, so the largest of N is near ln N. @param {number} n */
const chance = (n) => Math.log((Math.PI * n * n) / 4);

/** @param {HTMLCanvasElement} canvas @param {{n: number, power: Float64Array}} found */
function drawPower(canvas, { n, power }) {
  canvas.width = canvas.height = n;
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(n, n);
  const logs = Array.from(power, (p) => Math.log10(p + 1));
  const high = logs.reduce((a, c) => Math.max(a, c), 0);
  const low = Math.max(0, high - 6);
  logs.forEach((v, i) => image.data.set([...Array(3).fill((255 * (v - low)) / (high - low)), 255], 4 * i));
  context.putImageData(image, 0, 0);
}

/** @param {number[]} values @param {string} label @param {boolean} [filled] */
function curve(values, label, filled = false) {
  const [low, high] = values.reduce(([a, z], v) => [Math.min(a, v), Math.max(z, v)], [Infinity, -Infinity]);
  const y = (/** @type {number} */ v) => (96 - (92 * (v - low)) / (high - low || 1)).toFixed(1);
  const d = values.map((v, i) => `${i ? 'L' : 'M'}${((240 * i) / (values.length - 1)).toFixed(1)} ${y(v)}`).join('');
  return el('figure', { class: 'v-plot' },
    svg('svg', { viewBox: '0 0 240 100', role: 'img', 'aria-label': label }, svg('path', { d: filled ? `${d}V100H0Z` : d, class: filled ? 'v-filled' : '' })),
    el('figcaption', { class: 'v-small', text: `${label}. ${figures(low)} to ${figures(high)}` }));
}

/** @param {number} v */
const figures = (v) => (Math.abs(v) >= 100 ? v.toFixed(0) : v.toPrecision(3));
