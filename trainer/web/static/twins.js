// The dose slider of a preview: pictures of every dose are there, so that it answers at once.
// Without this script the form has a button that loads the page with the dose.

const BLINK = 600;

for (const view of document.querySelectorAll("[data-twins]")) {
  const facts = JSON.parse(view.querySelector("[data-facts]").textContent);
  const address = (name) => view.dataset.address.replace("NAME", name);
  const forged = view.querySelector("[data-forged]");
  const outline = view.querySelector("[data-outline]");
  const form = document.querySelector("form.dose");
  const slider = form.querySelector("input[type=range]");
  const blink = form.querySelector("[data-blink]");
  const line = form.querySelector("[data-line]");
  let timer = 0;

  // Loaded ahead: a slider that waits for each picture cannot be swept.
  const ahead = facts.doses.flatMap((_, i) => [`dose-${i}`, `outline-${i}`]).map((name) => {
    const picture = new Image();
    picture.src = address(name);
    return picture;
  });

  const show = () => {
    const at = Number(slider.value);
    const dose = facts.doses[at].toFixed(1);
    forged.src = ahead[2 * at].src;
    outline.src = ahead[2 * at + 1].src;
    slider.setAttribute("aria-valuetext", dose);
    view.querySelector("[data-caption]").textContent = `Dose ${dose}`;
    const share = view.querySelector("[data-share]");
    if (share) share.textContent = `${(100 * facts.share[at]).toFixed(1)} %`;
    const done = facts.done[at];
    view.querySelector("[data-done]").textContent = `${done[0].toUpperCase()}${done.slice(1)}.`;
  };

  const stop = () => {
    clearInterval(timer);
    timer = 0;
    blink.setAttribute("aria-pressed", "false");
    show();
  };

  const start = () => {
    const authentic = view.querySelector("[data-authentic]").src;
    let away = false;
    blink.setAttribute("aria-pressed", "true");
    timer = setInterval(() => {
      away = !away;
      if (away) forged.src = authentic;
      else show();
    }, BLINK);
  };

  const toggleLine = () => {
    const shown = line.getAttribute("aria-pressed") !== "true";
    line.setAttribute("aria-pressed", String(shown));
    outline.hidden = !shown;
  };

  slider.addEventListener("input", show);
  blink.hidden = false;
  blink.addEventListener("click", () => (timer ? stop() : start()));
  if (line) {
    line.hidden = false;
    line.addEventListener("click", toggleLine);
  }
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest("input:not([type=range]), select, textarea");
    if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "b") blink.click();
    if (event.key === "o") line?.click();
  });
  show();
}
