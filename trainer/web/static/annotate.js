// @ts-check
// The annotation page: the place drawn on the film, what is said of it, and a draft that the server keeps.
import { overlay, Tint } from './draw/tint.js';
import { Region } from './draw/region.js';
import { bring, follow, pour, shortcuts, verbs } from './draw/tools.js';
import { Saver } from './draw/saver.js';
import { tie, untie } from './faults.js';
import { counted } from './plural.js';
import { Keys, Viewer } from './viewer/viewer.js';

const $ = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
/** @type {any} */
const state = JSON.parse($('state').textContent);
/** @type {HTMLFormElement} */
const form = $('annotation');
const stage = /** @type {HTMLElement} */ ($('stage'));
const { film } = state;

const region = new Region(film.columns, film.rows, film.slices, (z, rect) => {
  if (tint.z === z) tint.paint(region, z, rect);
}, () => drew());
const tint = new Tint(film.columns, film.rows, [240, 179, 90]);
region.load(state.place);

/** @type {import('./draw/tools.js').Desk} */
const desk = {
  region: () => region,
  viewer: () => viewer,
  radius: Math.max(2, Math.round(Math.min(film.rows, film.columns) / 60)),
  minus: false,
  pen: null,
  refresh: () => refresh(),
};
const acts = verbs(desk);
const keys = new Keys({ bindings: state.keys ?? undefined, onChange: keepKeys });
bring(desk);
keys.register(...shortcuts(desk), ...calls());
const viewer = new Viewer(stage, {
  blockUrl: (i) => film.url + i,
  slices: film.slices,
  stack: film.stack,
  modality: film.modality,
  label: film.label,
  start: region.drawn.length ? region.drawn[Math.floor(region.drawn.length / 2)] : undefined,
  keys,
  markKinds: ['outline', 'ellipse'],
  maxMarks: 1,
  onMarks: () => pour(desk),
});
// Outlines and ellipses are poured into the place: there is no mark to be told about.
const panel = viewer.panel.bind(viewer);
viewer.panel = (kind) => panel(kind === 'outline' || kind === 'ellipse' ? '' : kind);
overlay(viewer, () => {
  follow(desk);
  return [{ region, tint }];
}, () => (viewer.tool === 'brush' || viewer.tool === 'erase' ? desk.radius : 0));

const saver = new Saver(state.urls.draft, state.csrf, state.version, () => ({ facts: facts(), place: region.place }), (words, bad) => {
  $('saved').textContent = words;
  $('saved').classList.toggle('bad', bad);
  if (bad) say(words);
});

// The form ------------------------------------------------------------------------------------------------------------

/** What the form says, as the server keeps it. */
function facts() {
  const data = new FormData(form);
  const truth = data.get('truth') ?? '';
  const authentic = truth === 'authentic';
  return {
    truth,
    hallmarks: authentic ? [] : data.getAll('hallmarks'),
    mimic_of: authentic ? data.get('mimic_of') : '',
    everywhere: (!authentic || Boolean(data.get('mimic_of'))) && data.has('everywhere'),
    reason: data.get('reason'),
    region: data.get('region'),
    view: data.get('view'),
    modality: data.get('modality'),
    note: data.get('note'),
  };
}

function changed() {
  saver.touch();
  refresh();
}

/** Who draws a place says that it is not everywhere. */
function drew() {
  const everywhere = form.elements.namedItem('everywhere');
  if (everywhere instanceof HTMLInputElement && everywhere.checked && region.drawn.length) {
    everywhere.checked = false;
    viewer.say('there is a place now: everywhere is off');
  }
  changed();
}

/** Only what the truth asks for is on the page. */
function refresh() {
  const truth = new FormData(form).get('truth');
  const { drawn } = region;
  $('signs').hidden = truth === 'authentic' && !drawn.length; // what is drawn can be cleared again
  $('mimic').hidden = truth !== 'authentic';
  $('drawn').textContent = size(drawn) + (desk.pen ? ' The pen is down.' : '');
  $('size').value = String(Math.round(2 * desk.radius));
  $('size-text').textContent = `${Math.round(2 * desk.radius)} px`;
  $('minus').setAttribute('aria-pressed', String(desk.minus));
  $('undo').disabled = !region.past.length;
  $('redo').disabled = !region.future.length;
}

/** How much is drawn, in words. @param {number[]} drawn slices */
function size(drawn) {
  const total = drawn.reduce((n, z) => n + region.count(z), 0);
  if (!total) return 'Nothing is drawn.';
  const pixels = total.toLocaleString('en-GB');
  const [first, last] = [drawn[0] + 1, drawn[drawn.length - 1] + 1];
  if (film.slices === 1) return `${pixels} pixels.`;
  return drawn.length > 1 ? `${pixels} pixels in ${drawn.length} slices, ${first} to ${last}.` : `${pixels} pixels in slice ${first}.`;
}

/** @param {string} text */
function say(text) { $('live').textContent = text; }

/** A person's own keys go with the person. @param {Record<string, string[]>} bindings */
function keepKeys(bindings) {
  const body = new FormData();
  body.set('keys', JSON.stringify(bindings));
  body.set('csrf_token', state.csrf);
  fetch('/keys', { method: 'POST', body, headers: { 'X-Requested-With': 'fetch' } }).catch(() => {});
}

/** @returns {import('./viewer/keys.js').Shortcut[]} */
function calls() {
  return [{ id: 'draw.save', group: 'Drawing', label: 'Keep the draft now', keys: ['Ctrl+s'], run: () => { saver.now(); } }];
}

form.addEventListener('input', () => changed());
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = /** @type {HTMLButtonElement} */ (form.querySelector('button[type=submit]'));
  button.disabled = true;
  try {
    await saver.now(true);
    const body = new FormData();
    body.set('csrf_token', state.csrf);
    body.set('key', state.key ?? '');
    const answer = await fetch(state.urls.propose, { method: 'POST', body, headers: { 'X-Requested-With': 'fetch' } });
    if (answer.headers.get('Content-Type') !== 'application/json') throw new Error(await answer.text());
    const { leave, faults } = await answer.json();
    if (faults) return refused(tie(form, faults));
    saver.done();
    location.assign(leave);
  } catch (error) {
    untie(form);
    refused(/** @type {Error} */ (error).message);
  } finally {
    button.disabled = false;
  }
});

/** Say what is about no field; empty, nothing is. @param {string} words */
function refused(words) {
  const fault = $('fault');
  fault.textContent = words;
  fault.hidden = !words;
  if (words) fault.focus();
}

/** Names that hold what is typed stay; chosen ones always do. */
$('search').addEventListener('input', (/** @type {Event} */ e) => {
  e.stopPropagation(); // looking for a hallmark says nothing of the film
  const wanted = $('search').value.trim().toLowerCase();
  let shown = 0;
  for (const label of $('chips').children) {
    const chosen = label.querySelector('input').checked;
    label.hidden = Boolean(wanted) && !chosen && !label.dataset.words.includes(wanted);
    shown += label.hidden ? 0 : 1;
  }
  $('found').textContent = wanted ? counted(shown, 'hallmark') : '';
});
$('search').addEventListener('keydown', (/** @type {KeyboardEvent} */ e) => { if (e.key === 'Enter') e.preventDefault(); });

// Drawing by buttons --------------------------------------------------------------------------------------------------

for (const [id, run] of Object.entries({
  undo: acts.undo, redo: acts.redo, clear: acts.clear, minus: acts.minus, next: () => acts.copy(1), between: acts.between,
})) $(id)?.addEventListener('click', run);
$('size').addEventListener('input', (/** @type {Event} */ e) => {
  e.stopPropagation(); // the brush is no part of the draft
  desk.radius = Math.max(0.5, $('size').valueAsNumber / 2);
  refresh();
  viewer.redraw();
});
$('help').addEventListener('click', () => viewer.showHelp());
$('discard')?.addEventListener('submit', (/** @type {Event} */ e) => {
  if (window.confirm('Throw this draft away? What was proposed and agreed stays.')) saver.done();
  else e.preventDefault();
});
window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
refresh();
