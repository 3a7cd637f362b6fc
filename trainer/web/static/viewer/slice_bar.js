// @ts-check
// The bar below a stack: a slider with what has come and what is marked, steps, cine, three planes.
import { button, el, press, svg } from './dom.js';

export class SliceBar {
  /** @param {import('./stack.js').Stack} stack */
  constructor(stack) {
    this.stack = stack;
    this.frame = 0;
    const { count, viewer } = stack;
    this.slider = el('input', { type: 'range', min: 1, max: count, step: 1, 'aria-label': 'Slice', oninput: () => stack.goTo(this.slider.valueAsNumber - 1) });
    this.come = svg('path', { class: 'v-come' });
    this.marked = svg('path', { class: 'v-marked' });
    this.true = svg('path', { class: 'v-true' });
    const map = svg('svg', { class: 'v-map', viewBox: `0 0 ${count} 4`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, this.come, this.marked, this.true);
    this.text = el('span', { class: 'v-slice-text' });
    this.cine = button('▶', () => stack.play(), 'Play');
    this.planes = button('3 planes', () => stack.planes());
    this.root = el('div', { class: 'v-slices', role: 'group', 'aria-label': 'Slices' },
      button('−', () => stack.step(-1), 'Previous slice'), el('div', { class: 'v-slide' }, map, this.slider),
      button('+', () => stack.step(1), 'Next slice'), this.cine, this.planes, this.text);
    viewer.stage.append(this.root);
    viewer.stage.classList.add('v-has-slices');
  }

  refresh() {
    this.frame ||= requestAnimationFrame(() => { this.frame = 0; this.#draw(); });
  }

  #draw() {
    const { stack } = this;
    const { viewer, count } = stack;
    if (this.slider.valueAsNumber !== stack.target + 1) this.slider.value = String(stack.target + 1);
    const { positions } = stack.geometry;
    this.text.textContent = [
      `${viewer.z + 1} of ${count}`,
      positions.length === count && `${positions[viewer.z].toFixed(1)} mm`,
      stack.slices.size < count && `${stack.slices.size} here`,
      stack.target !== viewer.z && `${stack.target + 1} on its way`,
    ].filter(Boolean).join(' · ');
    this.slider.setAttribute('aria-valuetext', `slice ${stack.target + 1} of ${count}`);
    this.come.setAttribute('d', [...stack.slices.keys()].map((z) => `M${z} 3h1v1h-1z`).join(''));
    const { marks, truth } = stack.noted;
    const ticks = (/** @type {Set<number>} */ set, /** @type {number} */ y) => [...set].map((z) => `M${z} ${y}h1v1h-1z`).join('');
    this.marked.setAttribute('d', ticks(marks, 1.5));
    this.true.setAttribute('d', ticks(truth, 0));
    this.true.classList.toggle('v-mimic', Boolean(viewer.truth?.given.imitates && viewer.truth.given.outlines?.length));
    press(this.cine, Boolean(stack.cine));
    this.cine.ariaLabel = this.cine.title = stack.cine ? 'Stop' : 'Play';
    this.cine.textContent = stack.cine ? '■' : '▶';
    press(this.planes, viewer.panes.some((p) => p.plane));
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    this.root.remove();
    this.stack.viewer.stage.classList.remove('v-has-slices');
  }
}
