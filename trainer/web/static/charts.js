// Draws each <div data-chart="ID"> from the JSON in <script id="ID">.
// Colours in it are names of custom properties, so that a chart follows the theme.

const config = { displayModeBar: false, responsive: true, doubleClick: false };

function colour(value, style) {
  if (typeof value === "string" && value.startsWith("--")) return style.getPropertyValue(value).trim();
  if (Array.isArray(value)) return value.map((one) => colour(one, style));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, colour(one, style)]));
  }
  return value;
}

function draw() {
  const style = getComputedStyle(document.documentElement);
  for (const box of document.querySelectorAll("[data-chart]")) {
    const figure = JSON.parse(document.getElementById(box.dataset.chart).textContent);
    const { data, layout } = colour(figure, style);
    window.Plotly.react(box, data, layout, config).then(() => { box.dataset.drawn = "yes"; });
  }
}

draw();
matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => {
  if (document.documentElement.dataset.theme === "auto") draw();
});
