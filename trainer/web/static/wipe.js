// The line between two films follows its slider: mouse, touch or arrow keys.

for (const box of document.querySelectorAll("[data-wipe]")) {
  const slider = box.querySelector("input");
  const follow = () => box.style.setProperty("--at", `${slider.value}%`);
  slider.addEventListener("input", follow);
  follow();
}
