// @ts-check
// Two ways to make an element. No inline style attributes: the content policy refuses them.

/**
 * @param {string} tag @param {Record<string, any>} [attributes] `on*` are listeners, `text` is the text
 * @param {...(Node|string)} children
 * @returns {any}
 */
export function el(tag, attributes = {}, ...children) {
  return dress(document.createElement(tag), attributes, children);
}

/** @param {string} tag @param {Record<string, any>} [attributes] @param {...(Node|string)} children @returns {any} */
export function svg(tag, attributes = {}, ...children) {
  return dress(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

/** @param {Element} node @param {Record<string, any>} attributes @param {(Node|string)[]} children */
function dress(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'text') node.textContent = value;
    else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children);
  return node;
}

/** A drawn glyph for a button, 20 x 20. @param {string} path */
export function glyph(path) {
  return svg('svg', { viewBox: '0 0 20 20', 'aria-hidden': 'true', class: 'v-glyph' }, svg('path', { d: path }));
}

let serial = 0;
/** @param {string} stem */
export const newId = (stem) => `v-${stem}-${++serial}`;

/**
 * A labelled button.
 * @param {string} label @param {() => void} run @param {string} [name] accessible name where the label is a sign
 * @param {Record<string, any>} [attributes]
 */
export const button = (label, run, name, attributes = {}) => el('button', { type: 'button', class: 'v-button', onclick: run, text: label, 'aria-label': name, title: name, ...attributes });

/** Things in a line. @param {...Node} nodes */
export const row = (...nodes) => el('div', { class: 'v-row' }, ...nodes);

/** @param {Element} node @param {boolean} on */
export const press = (node, on) => node.setAttribute('aria-pressed', String(on));
