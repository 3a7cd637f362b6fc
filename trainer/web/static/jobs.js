// Keeps the progress of long work current. Without it, the page is right when it is loaded anew.
// Asks after one second, and less and less often while nothing changes; not at all in a hidden tab.

const FIRST = 1000;
const SLOWEST = 15000;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const visible = () =>
  document.hidden
    ? new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }))
    : null;

/** What is said of a state; the same words as in _job.html. */
export function words(job) {
  if (job.ending) return "Ending …";
  const said = job.message ? `${job.message}` : "";
  switch (job.state) {
    case "waiting":
      return "Waiting for its turn";
    case "running": {
      const far = job.total ? `${job.done} of ${job.total}` : "Working";
      return said ? `${far} · ${said}` : far;
    }
    case "done":
      return said ? `Done. ${said}` : "Done";
    case "cancelled":
      return "Cancelled. What was done before stays.";
    case "interrupted":
      return `Interrupted. ${said}`;
    default:
      return `Not done. ${said}`;
  }
}

/** Put a state onto the page; aloud goes each tenth, and the end. */
function show(box, job, told) {
  const bar = box.querySelector("progress");
  if (bar && job.total) {
    bar.max = job.total;
    bar.value = job.done;
    bar.textContent = `${job.done} of ${job.total}`;
  }
  box.dataset.state = job.state;
  const line = box.querySelector("[data-words]");
  line.textContent = words(job);
  const bad = job.state === "failed" || job.state === "interrupted";
  line.classList.toggle("bad", bad);
  line.classList.toggle("tag", bad);
  line.classList.toggle("muted", !bad);
  const tenth = job.total ? Math.floor((10 * job.done) / job.total) : -1;
  if (!job.open || tenth !== told.tenth) {
    told.tenth = tenth;
    const percent = job.open && tenth >= 0 ? `${tenth * 10} percent` : words(job);
    box.querySelector("[data-aloud]").textContent = `${box.getAttribute("aria-label")}: ${percent}`;
  }
  if (job.ending) box.querySelector("[data-cancel] button")?.remove();
  if (job.open) return;
  const held = box.contains(document.activeElement);
  bar?.remove();
  box.querySelector("[data-cancel]")?.remove();
  const link = box.querySelector("[data-link]");
  if (link && job.link) {
    link.hidden = false;
    if (held) link.querySelector("a").focus();
  } else if (held) {
    box.querySelector("a")?.focus();
  }
}

async function follow(box) {
  const told = { tenth: -1 };
  let before = "";
  let wait = FIRST;
  for (;;) {
    await sleep(wait);
    await visible();
    if (!box.isConnected) return;
    let job;
    try {
      const answer = await fetch(box.dataset.job, { headers: { "X-Requested-With": "fetch" } });
      if (answer.status === 401 || answer.status === 404) return;
      if (!answer.ok) throw new Error(`${answer.status}`);
      job = await answer.json();
    } catch {
      wait = SLOWEST; // the server is away or busy: what stands on the page was true
      continue;
    }
    const now = JSON.stringify(job);
    wait = now === before ? Math.min(SLOWEST, wait * 1.5) : FIRST;
    before = now;
    show(box, job, told);
    if (!job.open) {
      box.dispatchEvent(new CustomEvent("job:ended", { bubbles: true, detail: job }));
      if ("reload" in box.dataset) window.location.reload();
      return;
    }
  }
}

/** Follow the open work of a page, or of a part of it that came later. */
export function followAll(root = document) {
  for (const box of root.querySelectorAll("[data-job]")) {
    if (["waiting", "running"].includes(box.dataset.state) && !("followed" in box.dataset)) {
      box.dataset.followed = "";
      follow(box);
    }
  }
}

followAll();
