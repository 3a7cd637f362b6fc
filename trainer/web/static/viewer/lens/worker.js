// @ts-check
// The lenses' own thread. It keeps the last film it was sent, so that a film travels once.
import * as maps from './maps.js';
import * as regions from './regions.js';

/** @type {import('./maps.js').Film|null} */
let film = null;

/**
 * A float picture as stored values: 0 to 65535 from `low` to `high`.
 * @param {Float32Array} values @param {boolean} signed zero goes to the middle
 */
function quantise(values, signed) {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) { const v = values[i]; if (v < low) low = v; if (v > high) high = v; }
  if (signed) { high = Math.max(Math.abs(low), Math.abs(high)); low = -high; }
  if (!(high > low)) high = low + 1;
  const scale = 65535 / (high - low);
  const data = new Uint16Array(values.length);
  const tally = new Uint32Array(4096);
  for (let i = 0; i < data.length; i++) {
    const v = ((values[i] - low) * scale + 0.5) | 0;
    data[i] = v;
    tally[v >> 4]++;
  }
  return { data, slope: 1 / scale, intercept: low, ...span(tally, data.length, 1 / scale, low) };
}

/** Where 99 of 100 values lie. @param {Uint32Array} tally @param {number} n @param {number} slope @param {number} intercept */
function span(tally, n, slope, intercept) {
  const at = (/** @type {number} */ share) => { let sum = 0; for (let b = 0; b < 4096; b++) { sum += tally[b]; if (sum >= share * n) return (b * 16 + 8) * slope + intercept; } return 65535 * slope + intercept; };
  return { p1: at(0.005), p99: at(0.995) };
}

const SIGNED = new Set(['detail', 'smoothness', 'amplify', 'asymmetry']);

self.onmessage = ({ data: { id, lens, args, sent } }) => {
  try {
    if (sent) film = sent;
    const f = /** @type {import('./maps.js').Film} */ (film);
    if (lens in maps) {
      const map = quantise(/** @type {any} */ (maps)[lens](f, ...args), SIGNED.has(lens));
      self.postMessage({ id, result: map }, { transfer: [map.data.buffer] });
    } else {
      self.postMessage({ id, result: /** @type {any} */ (regions)[lens](f, ...args) });
    }
  } catch (error) {
    self.postMessage({ id, error: String(/** @type {Error} */ (error).message) });
  }
};
