// Opens the button of a quiz as soon as its films are made, and keeps the progress of the making current.
// Without it, the page is right when it is loaded anew. Asks less and less often while nothing changes; not at all in a
// hidden tab.

const FIRST = 2000;
const SLOWEST = 15000;
const WHERE = "/learn/ready";

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const visible = () =>
  document.hidden
    ? new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }))
    : null;

/** Put what the server says onto the page. */
function show(state) {
  for (const form of document.querySelectorAll("form[data-waits]")) {
    const said = state.waits[form.dataset.waits];
    if (said) {
      form.querySelector("[data-said]").textContent = said;
      continue;
    }
    delete form.dataset.waits;
    form.querySelector("button").disabled = false;
    form.querySelector("[data-said]").textContent = "All of its films are there.";
    const aloud = form.querySelector("[data-aloud]");
    aloud.textContent = aloud.dataset.aloud;
  }
  for (const box of document.querySelectorAll("[data-making]")) {
    box.querySelector("[data-said]").textContent = state.making;
    const bar = box.querySelector("progress");
    bar.max = state.total;
    bar.value = state.done;
    bar.textContent = `${state.done} of ${state.total}`;
  }
}

async function follow() {
  let before = "";
  let wait = FIRST;
  for (;;) {
    await sleep(wait);
    await visible();
    try {
      const answer = await fetch(WHERE, { headers: { "X-Requested-With": "fetch" } });
      if ([401, 403, 404].includes(answer.status)) return;
      if (!answer.ok) throw new Error(`${answer.status}`);
      const state = await answer.json();
      const now = JSON.stringify(state);
      wait = now === before ? Math.min(SLOWEST, wait * 1.5) : FIRST;
      before = now;
      show(state);
      if (!Object.keys(state.waits).length && state.state !== "running") return;
    } catch {
      wait = SLOWEST; // the server is away or busy: what stands on the page was true
    }
  }
}

follow();
