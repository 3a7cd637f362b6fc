// @ts-check
// The page of a case: the film, and over it the key's place and what colleagues propose, each in its colour.
import { Region } from './draw/region.js';
import { overlay, Tint } from './draw/tint.js';
import { Viewer } from './viewer/viewer.js';

/** @type {any} */
const state = JSON.parse(/** @type {any} */ (document.getElementById('state')).textContent);
const { film } = state;
/** @type {[number, number, number][]} */
const COLOURS = [[239, 125, 134], [240, 179, 90], [76, 194, 176], [139, 184, 255], [201, 162, 255]];

const layers = state.layers.map((/** @type {any} */ layer) => {
  const region = new Region(film.columns, film.rows, film.slices);
  region.load(layer.place);
  return { region, tint: new Tint(film.columns, film.rows, COLOURS[layer.colour]), id: layer.id, on: true };
});
const drawn = layers.flatMap((/** @type {any} */ l) => l.region.drawn).sort((/** @type {number} */ a, /** @type {number} */ b) => a - b);
const viewer = new Viewer(/** @type {HTMLElement} */ (document.getElementById('stage')), {
  blockUrl: (i) => film.url + i,
  slices: film.slices,
  stack: film.stack,
  modality: film.modality,
  label: film.label,
  start: drawn.length ? drawn[Math.floor(drawn.length / 2)] : undefined,
  markKinds: [],
});
overlay(viewer, () => layers.filter((/** @type {any} */ l) => l.on));
document.getElementById('layers')?.addEventListener('change', (event) => {
  const box = /** @type {HTMLInputElement} */ (event.target);
  const layer = layers.find((/** @type {any} */ l) => l.id === box.value);
  if (layer) layer.on = box.checked;
  viewer.redraw();
});
