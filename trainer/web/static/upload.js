// The page that takes files: by drop, by input, resumed when the same files are chosen again.

import { counted, oneOrMany } from "./plural.js";
import { chosen, dropped } from "./upload/gather.js";
import { Sender } from "./upload/sender.js";

const MOST_ROWS = 12;
const zone = document.querySelector("[data-upload]");
const going = zone.querySelector("[data-going]");
const list = zone.querySelector("[data-files]");
const all = zone.querySelector("[data-all]");
const said = zone.querySelector("[data-said]");
const aloud = zone.querySelector("[data-aloud]");
const pause = zone.querySelector("[data-pause]");
const look = document.querySelector("[data-look] button");
const before = Number(document.querySelector("[data-whole]").textContent);

const sender = new Sender({
  url: zone.dataset.upload,
  piece: Number(zone.dataset.piece),
  batch: Number(zone.dataset.batch),
  token: document.querySelector("[name=csrf_token]").value,
  changed: () => {
    if (!drawing) drawing = requestAnimationFrame(draw);
  },
});
let drawing = 0;
let tenth = -1;
let reading = 0;

function size(bytes) {
  if (bytes >= 1 << 30) return `${(bytes / (1 << 30)).toFixed(1)} GB`;
  if (bytes >= 1 << 20) return `${Math.round(bytes / (1 << 20))} MB`;
  return `${Math.ceil(bytes / 1024)} kB`;
}

function row(item) {
  if (!item.row) {
    item.row = document.createElement("li");
    item.row.className = "row";
    const name = document.createElement("span");
    name.className = "break small";
    name.textContent = item.name;
    item.bar = document.createElement("progress");
    item.bar.className = "bar";
    item.bar.setAttribute("aria-label", item.name);
    item.bar.max = item.file.size;
    item.words = document.createElement("span");
    item.words.className = "num small nowrap";
    item.row.append(name, item.bar, item.words);
  }
  item.bar.value = item.received;
  item.words.textContent = `${size(item.received)} of ${size(item.file.size)}`;
  return item.row;
}

function draw() {
  drawing = 0;
  const { items } = sender;
  if (!items.length && !reading) return;
  going.hidden = false;
  const failed = items.filter((item) => item.state === "failed");
  const taken = items.filter((item) => item.state !== "failed");
  const whole = taken.filter((item) => item.state === "whole");
  const total = taken.reduce((sum, item) => sum + item.file.size, 0);
  const come = taken.reduce((sum, item) => sum + item.received, 0);
  const over = whole.length === taken.length && !reading;
  all.max = total || 1;
  all.value = come;
  let words = `${whole.length} of ${counted(taken.length, "file")}, ${size(come)} of ${size(total)}`;
  if (reading) words = `Reading the folder. ${words}`;
  else if (over) words = `${words}. All have come.`;
  else if (!sender.online) words = `${words}. The line is broken or the server is away; it goes on by itself.`;
  else if (sender.paused) words = `${words}. Paused.`;
  said.textContent = words;
  const step = total ? Math.floor((10 * come) / total) : 0;
  if (step !== tenth || over) {
    tenth = step;
    aloud.textContent = over ? words : `${step * 10} percent sent`;
  }
  pause.hidden = over;
  pause.textContent = sender.paused ? "Go on" : "Pause";
  const shown = taken.filter((item) => item.state === "goes" || item.state === "waits");
  list.replaceChildren(...shown.slice(0, MOST_ROWS).map(row));
  list.hidden = !shown.length;
  zone.querySelector("[data-refused]").hidden = !failed.length;
  const refusals = zone.querySelector("[data-refusals]");
  if (refusals.childElementCount !== Math.min(failed.length, 200)) {
    refusals.replaceChildren(
      ...failed.slice(0, 200).map((item) => {
        const line = document.createElement("li");
        line.className = "break";
        line.textContent = `${item.name}: ${item.why}`;
        return line;
      }),
    );
  }
  const fresh = before + whole.filter((item) => !item.known).length;
  look.disabled = !over || fresh === 0;
  document.querySelector("[data-whole]").textContent = String(fresh);
  document.querySelector("[data-come]").textContent = oneOrMany(fresh, "file has", "files have");
}

async function take(found) {
  reading += 1;
  sender.changed();
  try {
    const files = await found;
    reading -= 1;
    await sender.add(files);
  } catch {
    reading -= 1;
    aloud.textContent = said.textContent = "The folder could not be read. Choose it again.";
  }
  sender.changed();
}

for (const input of zone.querySelectorAll("input[type=file]")) {
  const begin = () => {
    take(chosen(input));
    input.value = "";
  };
  input.addEventListener("change", begin);
  if (input.files.length) begin(); // chosen before this script had come
}
pause.addEventListener("click", () => sender.pause(!sender.paused));

// The whole window takes a drop: one that misses the zone must not open the file instead.
for (const name of ["dragover", "drop"]) {
  window.addEventListener(name, (event) => event.preventDefault());
}
window.addEventListener("dragover", () => zone.classList.add("over"));
window.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) zone.classList.remove("over");
});
window.addEventListener("drop", (event) => {
  zone.classList.remove("over");
  if (event.dataTransfer) take(dropped(event.dataTransfer));
});
window.addEventListener("beforeunload", (event) => {
  if (sender.running || sender.waiting.length) event.preventDefault();
});

for (const form of document.querySelectorAll("[data-drop]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await fetch(form.action, {
      method: "POST",
      headers: sender.headers,
    });
    if (answer.ok) form.closest("li").remove();
  });
}
zone.dataset.ready = "yes";
