// @ts-check
// Worked figures: a film and its twin side by side or one on the other, the outline on or off.
// Without this script both films and the outline are simply there. Nothing moves by itself: a
// blink is one press of the button, of the space bar, or one tap.

const narrow = window.matchMedia("(max-width: 40rem)");

for (const figure of document.querySelectorAll("[data-figure]")) bringToLife(figure);

/** @param {Element} figure */
function bringToLife(figure) {
  const tools = /** @type {HTMLElement} */ (figure.querySelector(".worked-tools"));
  const films = /** @type {HTMLElement} */ (figure.querySelector(".films"));
  const said = /** @type {HTMLElement} */ (figure.querySelector("[data-said]"));
  const outline = tools.querySelector("[data-outline]");
  const modes = [...tools.querySelectorAll("[data-mode]")];

  outline?.addEventListener("click", () => {
    const off = figure.classList.toggle("no-outline");
    outline.setAttribute("aria-pressed", String(!off));
  });
  if (modes.length) pair(films, said, modes, /** @type {HTMLElement} */ (tools.querySelector("[data-swap]")));
  tools.hidden = !outline && !modes.length;
}

/** @param {HTMLElement} films @param {HTMLElement} said @param {Element[]} modes @param {HTMLElement} button */
function pair(films, said, modes, button) {
  const both = /** @type {HTMLElement[]} */ ([...films.querySelectorAll(".film")]);
  let seen = 0;

  /** @param {number} which */
  function show(which) {
    seen = which;
    both.forEach((film, i) => film.classList.toggle("seen", i === which));
  }

  /** @param {string} mode */
  function choose(mode) {
    const stacked = mode === "blink";
    films.classList.toggle("stacked", stacked);
    button.hidden = !stacked;
    for (const m of modes) m.setAttribute("aria-pressed", String(m.getAttribute("data-mode") === mode));
    // A place to rest on, so that the space bar blinks here and scrolls elsewhere.
    if (stacked) {
      films.tabIndex = 0;
      films.setAttribute("role", "group");
      films.setAttribute("aria-label", "Film and twin, one on the other: space blinks");
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) films.removeAttribute(name);
    }
    show(0);
  }

  function blink() {
    show(1 - seen);
    said.textContent = `Seen now: ${both[seen].dataset.name}`;
  }

  for (const m of modes) m.addEventListener("click", () => choose(m.getAttribute("data-mode") ?? "side"));
  button.addEventListener("click", blink);
  films.addEventListener("click", () => films.classList.contains("stacked") && blink());
  films.addEventListener("keydown", (event) => {
    if (event.key !== " " || !films.classList.contains("stacked")) return;
    event.preventDefault();
    blink();
  });
  if (narrow.matches) choose("blink");
}
