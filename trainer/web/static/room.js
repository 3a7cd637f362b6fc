// @ts-check
// The reading room's page: the call, the clock, and what comes after. The film itself is viewer.js.
// Nothing here knows the truth before the server tells it, and the server tells it after the call.
import { Keys, Viewer, helpOf, prefetch, withoutFilm } from './viewer/viewer.js';

const $ = (/** @type {string} */ id) => document.getElementById(id);
const stage = /** @type {HTMLElement} */ ($('stage'));
const panel = /** @type {HTMLElement} */ ($('panel'));
const WAITS = [1000, 2000, 4000, 8000, 15000];

/** @type {any} */
let state = JSON.parse(/** @type {HTMLElement} */ ($('state')).textContent ?? '{}');
/** @type {Viewer|null} */
let viewer = null;
/** @type {Awaited<ReturnType<typeof helpOf>>|null} the list of shortcuts where there is no film */
let aside = null;
let filmToken = '';
let paintedAt = 0;
let firstLook = 0;
let hiddenFor = 0;
let hiddenSince = 0;
let busy = false;
let deadline = 0;
let drafting = 0;
let keeping = Promise.resolve(); // drafts go one after the other: an older one must not come last

const keys = new Keys({ bindings: state.keys ?? undefined, onChange: keepKeys });

/** A person's own keys go with the person, not with the browser. @param {Record<string, string[]>} bindings */
function keepKeys(bindings) {
  const body = new FormData();
  body.set('keys', JSON.stringify(bindings));
  body.set('csrf_token', state.csrf);
  fetch('/keys', { method: 'POST', body, headers: { 'X-Requested-With': 'fetch' } }).catch(() => {});
}

// The film ------------------------------------------------------------------------------------------------------------

function mountFilm() {
  const film = state.film;
  if (!film) {
    if (viewer) stage.replaceChildren(); // what the page says in a film's place stays
    viewer?.destroy();
    viewer = null;
    filmToken = '';
    stage.dataset.ready = '';
    keys.register(...withoutFilm(showHelp));
    return;
  }
  if (film.token === filmToken) return;
  viewer?.destroy();
  stage.replaceChildren();
  filmToken = film.token;
  paintedAt = firstLook = hiddenFor = 0;
  const chips = [...panel.querySelectorAll('input[name=hallmarks]')];
  viewer = new Viewer(stage, {
    blockUrl: (/** @type {number} */ i) => film.url + i,
    slices: film.slices,
    stack: film.stack,
    modality: film.stack?.modality ?? 'XR',
    label: film.label,
    lenses: state.lenses,
    keys,
    marks: state.truth ? state.truth.marks : (state.draft?.marks ?? []),
    markKinds: state.truth ? [] : ['point', 'ellipse', 'outline'],
    hallmarks: chips.map((c) => ({
      id: /** @type {HTMLInputElement} */ (c).value,
      label: c.nextElementSibling?.textContent ?? '',
    })),
    onMarks: () => saveDraft(),
    onReady: () => refreshCommit(),
    onCompare: (/** @type {string} */ mode) => { // chosen here, by key, or in the viewer's own panel
      for (const one of panel.querySelectorAll('[data-compare]')) {
        one.setAttribute('aria-pressed', String(/** @type {HTMLElement} */ (one).dataset.compare === mode));
      }
    },
    onFirstPaint: () => { paintedAt = performance.now(); },
  });
}

function tellTruth() {
  if (!state.truth || !viewer) return;
  const { outlines, twinOutlines, everywhere, authentic, mask, masks, twin, twinLabel, hits, lens } = state.truth;
  viewer.setTruth({
    outlines,
    twinOutlines,
    everywhere: everywhere && !authentic,
    imitates: authentic,
    maskUrl: (/** @type {number} */ i) => mask + i,
    masks,
    twinUrl: twin ? (/** @type {number} */ i) => twin + i : undefined,
    twinLabel,
    hits: hits ?? undefined,
    lens: lens ?? undefined,
    text: everywhere ? (authentic ? 'the film is authentic; the look is everywhere' : 'the change is everywhere')
      : outlines.length ? (authentic ? 'the look lies here; the film is authentic' : 'what was changed is outlined')
      : twinOutlines.length ? 'nothing was changed here; its twin was' : '',
  });
}

for (const kind of ['pointerdown', 'wheel', 'keydown']) {
  stage.addEventListener(kind, () => { if (!firstLook && paintedAt) firstLook = performance.now(); }, { passive: true });
}
document.addEventListener('visibilitychange', () => {
  if (document.hidden) hiddenSince = performance.now();
  else if (hiddenSince) { hiddenFor += performance.now() - hiddenSince; hiddenSince = 0; }
});

// The panel -----------------------------------------------------------------------------------------------------------

function draw() {
  if (state.leave) {
    location.assign(state.leave);
    return;
  }
  mountFilm();
  tellTruth();
  const dots = $('dots');
  if (dots) {
    dots.replaceChildren(...state.dots.map((/** @type {string} */ word) => {
      const dot = document.createElement('b');
      dot.className = ({ right: 'ok', wrong: 'no', open: 'half', done: 'on', now: 'now', dropped: 'out' })[word] ?? '';
      return dot;
    }));
    const done = state.dots.filter((/** @type {string} */ w) => w === 'right').length;
    const out = state.dots.filter((/** @type {string} */ w) => w === 'dropped').length;
    dots.setAttribute('aria-label', `case ${state.number} of ${state.total}` + (done ? `, ${done} right so far` : '') + (out ? `, ${out} taken out of play` : ''));
  }
  const number = $('number');
  if (number) number.textContent = `Case ${state.number} of ${state.total}`;
  const pause = /** @type {HTMLElement|null} */ ($('pause'));
  if (pause) pause.hidden = state.phase !== 'showing';
  deadline = state.left === null ? 0 : performance.now() + state.left * 1000;
  tickClock();
  refreshCommit();
  if (state.ahead) prefetch(state.ahead);
}

function refreshCommit() {
  const commit = /** @type {HTMLButtonElement|null} */ (panel.querySelector('#call button[data-enter]'));
  if (commit) commit.disabled = busy || !viewer?.ready;
}

/** @param {any} next */
function take(next) {
  state = next;
  panel.innerHTML = state.panel; // rendered by our own server, escaped there
  panel.scrollTop = 0;
  draw();
  const verdict = /** @type {HTMLElement|null} */ ($('verdict'));
  if (verdict) {
    verdict.focus({ preventScroll: true });
    say(verdict.textContent?.replace(/\s+/g, ' ').trim() ?? '');
  } else if (state.phase === 'showing') {
    say(`${$('dropped')?.textContent ?? ''} Case ${state.number} of ${state.total}`.trim());
    viewer?.pane.box.focus({ preventScroll: true });
  } else {
    panel.focus({ preventScroll: true });
  }
}

/** @param {string} text */
function say(text) {
  const live = $('live');
  if (live) live.textContent = text;
}

/** @param {string} text @param {boolean} [bad] */
function note(text, bad = false) {
  const place = panel.querySelector('#note') ?? panel.appendChild(Object.assign(document.createElement('p'), { id: 'note', className: 'small muted' }));
  place.textContent = text;
  place.classList.toggle('alert', bad);
  say(text);
}

// Sending -------------------------------------------------------------------------------------------------------------

/** @param {HTMLFormElement} form @returns {Promise<void>} */
async function send(form) {
  if (busy) return;
  const body = new FormData(form);
  if (form.id === 'call') {
    body.set('marks', JSON.stringify(viewer?.marks.list ?? []));
    const now = performance.now();
    if (paintedAt) body.set('call_ms', String(Math.round(now - paintedAt)));
    if (paintedAt && firstLook) body.set('first_look_ms', String(Math.round(firstLook - paintedAt)));
    body.set('hidden_ms', String(Math.round(hiddenFor)));
  }
  busy = true;
  refreshCommit();
  try {
    take(await post(form.action, body));
  } catch (error) {
    note(String(/** @type {any} */ (error).message), true);
  } finally {
    busy = false;
    refreshCommit();
  }
}

/**
 * Send until the server has it: an answer sent twice is one answer, so trying again is safe.
 * @param {string} url @param {FormData} body
 */
async function post(url, body) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const answer = await fetch(url, { method: 'POST', body, headers: { 'X-Requested-With': 'fetch' }, redirect: 'manual' });
      if (answer.type === 'opaqueredirect' || answer.status === 401) {
        location.reload(); // the session has ended: sign in, and the sitting goes on where it was
        return await new Promise(() => {});
      }
      if (answer.ok) return await answer.json();
      const said = await answer.text();
      if (answer.status === 409) {
        setTimeout(() => location.reload(), 1500);
        throw new Refused(`${said} Loading where things stand …`);
      }
      if (answer.status < 500) throw new Refused(said);
      throw new Error('The server did not manage.');
    } catch (error) {
      if (error instanceof Refused || attempt >= WAITS.length) throw error;
      note(`Not sent yet: ${navigator.onLine ? 'the server does not answer' : 'you are offline'}. Your call is kept here; trying again in ${WAITS[attempt] / 1000} s.`, true);
      await new Promise((wake) => setTimeout(wake, WAITS[attempt]));
    }
  }
}

class Refused extends Error {}

function saveDraft() {
  const form = /** @type {HTMLFormElement|null} */ ($('call'));
  if (!form || !state.film) return;
  clearTimeout(drafting);
  drafting = setTimeout(() => {
    const body = new FormData(form);
    body.set('marks', JSON.stringify(viewer?.marks.list ?? []));
    const { draft } = state.film;
    keeping = keeping.then(async () => {
      await fetch(draft, { method: 'POST', body, headers: { 'X-Requested-With': 'fetch' } });
    }).catch(() => {});
  }, 400);
}

document.addEventListener('submit', (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
    event.preventDefault();
    return;
  }
  if (!form.dataset.act) return;
  event.preventDefault();
  if (form.id === 'call' && !viewer?.ready) return note('Wait for the film: it is not all here yet.', true);
  clearTimeout(drafting);
  send(form);
});
panel.addEventListener('change', () => saveDraft());
panel.addEventListener('click', (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest('[data-compare]');
  if (!(button instanceof HTMLElement) || !viewer) return;
  const on = button.getAttribute('aria-pressed') !== 'true';
  viewer.compare(/** @type {any} */ (on ? button.dataset.compare : 'off'));
});

// The clock: the server's, counted down here ---------------------------------------------------------------------------

function tickClock() {
  const clock = $('clock');
  if (!clock) return;
  if (!deadline) {
    clock.textContent = state.phase === 'feedback' ? 'clock stopped' : state.phase === 'paused' ? 'paused' : '';
    return;
  }
  const left = Math.max(0, Math.ceil((deadline - performance.now()) / 1000));
  clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
  clock.classList.toggle('late', left <= 10);
  if (left === 10 || left === 30) say(`${left} seconds left`);
  if (left === 0) timeUp();
}

/** The limit is reached: send the call as it stands; without one, let the server close the case. */
function timeUp() {
  deadline = 0;
  const form = /** @type {HTMLFormElement|null} */ ($('call'));
  if (form?.checkValidity() && viewer?.ready) {
    send(form);
  } else {
    note('Time is up for this case.', true);
    setTimeout(() => location.reload(), 4000); // after the grace, in which an answer still counts
  }
}
setInterval(tickClock, 250);

// Keys ----------------------------------------------------------------------------------------------------------------

/** @param {string} name @param {string} value */
function pick(name, value) {
  const input = /** @type {HTMLInputElement|null} */ (panel.querySelector(`input[name=${name}][value="${value}"]`));
  if (!input) return;
  input.checked = true;
  input.dispatchEvent(new Event('change', { bubbles: true }));
  say(`${input.closest('label')?.querySelector('span')?.textContent} chosen`);
}
const calling = () => Boolean($('call'));
/** @type {[string, string, string][]} */
const choices = [['a', 'authentic', 'Authentic'], ['s', 'not_authentic', 'Not authentic'], ['v', 'verify', 'Cannot tell, would verify']];
keys.register(
  ...choices.map(([key, value, label]) => ({
    id: `call.${value}`, group: 'Your call', label, keys: [key], when: calling, run: () => pick('choice', value),
  })),
  ...[1, 2, 3, 4, 5].map((n) => ({
    id: `call.sure${n}`, group: 'Your call', label: `${n} of 5 sure`, keys: [String(n)], when: calling, run: () => pick('confidence', String(n)),
  })),
  {
    id: 'call.enter', group: 'Your call', label: 'Commit, or next case', keys: ['Enter'],
    when: () => Boolean(panel.querySelector('[data-enter]')),
    run: () => /** @type {HTMLElement} */ (panel.querySelector('[data-enter]')).click(),
  },
);

/** The shortcuts can be learned before the first film and in a pause, while no clock runs. */
async function showHelp() {
  if (viewer) return viewer.showHelp();
  aside ??= await helpOf(keys, document.body);
  aside.show();
}
$('help')?.addEventListener('click', () => { showHelp(); });

window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); }); // the back button: ask again
draw();
document.documentElement.dataset.room = state.phase;
