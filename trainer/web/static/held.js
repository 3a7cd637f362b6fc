// Boxes over what identifies: drawn with mouse or finger, moved and sized with keys, numbers beside.

const place = document.querySelector("[data-held]");
const stage = place.querySelector("[data-stage]");
const image = place.querySelector("[data-image]");
const layer = place.querySelector("[data-boxes]");
const form = place.querySelector("[data-cover]");
const slider = place.querySelector("#slice");
const columns = Number(place.dataset.columns);
const rows = Number(place.dataset.rows);
const slices = Number(place.dataset.slices);
const SVG = "http://www.w3.org/2000/svg";
let z = slider ? Number(slider.value) - 1 : 0;
let shown = ""; // address of the preview's picture

const pictureOf = (index) => place.dataset.picture.replace(/0\.png$/, `${index}.png`);
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** The picture as it is, not as it would be. */
function plain() {
  if (shown) URL.revokeObjectURL(shown);
  shown = "";
  stage.classList.remove("covered");
  form?.querySelector("[data-look]").setAttribute("aria-pressed", "false");
  image.src = pictureOf(z);
}

slider?.addEventListener("input", () => {
  z = Number(slider.value) - 1;
  place.querySelector("[data-slice]").textContent = slider.value;
  plain();
  if (form) draw();
});

const list = form?.querySelector("[data-list]");
const boxes = () => [...list.querySelectorAll("[data-box]")];
const field = (row, name) => row.querySelector(`[name=${name}]`);
const number = (row, name) => Number(field(row, name).value) || 0;

/** Bring the rectangles to what the numbers say. */
function draw() {
  const focused = document.activeElement?.dataset?.row;
  layer.replaceChildren(
    ...boxes().flatMap((row, i) => {
      if (z < number(row, "first") - 1 || z > number(row, "last") - 1) return [];
      const rect = document.createElementNS(SVG, "rect");
      rect.setAttribute("x", number(row, "left"));
      rect.setAttribute("y", number(row, "top"));
      rect.setAttribute("width", Math.max(1, number(row, "width")));
      rect.setAttribute("height", Math.max(1, number(row, "height")));
      rect.setAttribute("tabindex", "0");
      rect.setAttribute("role", "img");
      rect.setAttribute("aria-label", `Box ${i + 1}: arrows move it, with Shift they size it`);
      rect.dataset.row = String(i);
      return [rect];
    }),
  );
  if (focused !== undefined) layer.querySelector(`[data-row="${focused}"]`)?.focus();
}

function put(row, left, top, width, height) {
  const w = clamp(Math.round(width), 1, columns);
  const h = clamp(Math.round(height), 1, rows);
  field(row, "width").value = w;
  field(row, "height").value = h;
  field(row, "left").value = clamp(Math.round(left), 0, columns - w);
  field(row, "top").value = clamp(Math.round(top), 0, rows - h);
  if (shown) plain();
  draw();
}

function add() {
  if (boxes().length >= Number(place.dataset.most)) {
    form.querySelector("[data-said]").textContent = `At most ${place.dataset.most} boxes at a time.`;
    return null;
  }
  list.append(form.querySelector("[data-empty]").content.cloneNode(true));
  return boxes().at(-1);
}

function remove(row) {
  if (row.nextElementSibling?.matches("[data-fault]")) row.nextElementSibling.remove(); // what was wrong with it
  row.remove();
  if (shown) plain();
  draw();
  form.querySelector("[data-add]").focus();
}

function at(event) {
  const edge = stage.getBoundingClientRect();
  return [
    clamp(((event.clientX - edge.left) / edge.width) * columns, 0, columns),
    clamp(((event.clientY - edge.top) / edge.height) * rows, 0, rows),
  ];
}

function begin() {
  let drag = null;
  stage.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    const [x, y] = at(event);
    const row = boxes()[Number(event.target.dataset?.row ?? NaN)];
    drag = row
      ? { row, dx: x - number(row, "left"), dy: y - number(row, "top") }
      : { row: null, x, y };
    stage.setPointerCapture(event.pointerId);
    if (row) layer.querySelector(`[data-row="${boxes().indexOf(row)}"]`)?.focus();
  });
  stage.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [x, y] = at(event);
    if ("dx" in drag) {
      put(drag.row, x - drag.dx, y - drag.dy, number(drag.row, "width"), number(drag.row, "height"));
      return;
    }
    if (!drag.row && Math.hypot(x - drag.x, y - drag.y) < columns / 150) return; // a press, no box
    drag.row ??= add();
    if (!drag.row) drag = null;
    else {
      const [left, top] = [Math.min(x, drag.x), Math.min(y, drag.y)];
      put(drag.row, left, top, Math.abs(x - drag.x), Math.abs(y - drag.y));
    }
  });
  for (const name of ["pointerup", "pointercancel"]) {
    stage.addEventListener(name, () => (drag = null));
  }

  layer.addEventListener("keydown", (event) => {
    const row = boxes()[Number(event.target.dataset?.row ?? NaN)];
    if (!row) return;
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      remove(row);
      return;
    }
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const far = event.ctrlKey || event.altKey ? 1 : Math.max(1, Math.round(columns / 100));
    const [dx, dy] = step.map((part) => part * far);
    const now = ["left", "top", "width", "height"].map((name) => number(row, name));
    if (event.shiftKey) put(row, now[0], now[1], now[2] + dx, now[3] + dy);
    else put(row, now[0] + dx, now[1] + dy, now[2], now[3]);
  });

  list.addEventListener("input", () => {
    if (shown) plain();
    draw();
  });
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-remove]")?.closest("[data-box]");
    if (row) remove(row);
  });
  form.querySelector("[data-add]").addEventListener("click", () => {
    const row = add();
    if (!row) return;
    put(row, columns * 0.4, rows * 0.45, columns * 0.2, rows * 0.06);
    layer.lastElementChild?.focus();
  });

  const look = form.querySelector("[data-look]");
  const said = form.querySelector("[data-said]");
  look.addEventListener("click", async () => {
    if (shown) {
      plain();
      said.textContent = "The film as it is.";
      return;
    }
    const data = new FormData(form);
    data.set("slice", String(z));
    said.textContent = "Covering …";
    let answer;
    try {
      answer = await fetch(place.dataset.preview, {
        method: "POST",
        body: data,
        headers: { "X-Requested-With": "fetch" },
      });
    } catch {
      said.textContent = "The server cannot be reached. Try again.";
      return;
    }
    if (!answer.ok) {
      said.textContent = await answer.text();
      return;
    }
    shown = URL.createObjectURL(await answer.blob());
    image.src = shown;
    stage.classList.add("covered");
    look.setAttribute("aria-pressed", "true");
    said.textContent = "The film as it will be, very nearly. Press again to see it as it is.";
  });
  draw();
  place.dataset.ready = "yes";
}

if (form) begin();
