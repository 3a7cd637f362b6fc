// @ts-check
// Coronal and sagittal planes of a stack, with the spacing it really has. Rows are evenly spaced, head up.

/** @typedef {import('./block.js').Slice} Slice */

const EVEN = 0.01; // spacings that differ by less than this share are even
const UPRIGHT = 0.1; // degrees of gantry tilt that do not matter

export class Geometry {
  /** @param {number} count @param {number[]} positions mm along the axis, rising or falling all the way @param {number} tilt degrees @param {string} [plane] of the slices */
  constructor(count, positions, tilt, plane) {
    this.count = count;
    this.positions = positions;
    this.refusal = refuse(count, positions, tilt, plane);
    /** What was done about uneven spacing, in words. */
    this.note = '';
    if (this.refusal) return;
    const gaps = positions.slice(1).map((p, i) => Math.abs(p - positions[i]));
    const [least, most] = [Math.min(...gaps), Math.max(...gaps)];
    this.even = most - least <= EVEN * most;
    const extent = Math.abs(positions[count - 1] - positions[0]);
    this.step = this.even ? extent / (count - 1) : least;
    this.rows = this.even ? count : Math.floor(extent / this.step + 1e-6) + 1;
    this.rising = positions[count - 1] > positions[0];
    if (!this.even) this.note = `Slices lie ${least.toFixed(1)} to ${most.toFixed(1)} mm apart: rows are interpolated.`;
  }

  /** The slice, with its fraction, that a row shows; row 0 is nearest the head. @param {number} row */
  slicePosition(row) {
    const { count, positions, rows = 0, step = 1, rising } = this;
    const up = rows - 1 - row; // steps from the foot end
    if (this.even) return rising ? up : count - 1 - up;
    const foot = Math.min(positions[0], positions[count - 1]);
    const at = Math.max(foot, Math.min(Math.max(positions[0], positions[count - 1]), foot + up * step));
    let i = 0;
    while (i < count - 2 && (rising ? positions[i + 1] < at : positions[i + 1] > at)) i++;
    return i + (at - positions[i]) / (positions[i + 1] - positions[i]);
  }

  /** The nearest slice to a row. @param {number} row */
  sliceAt(row) { return Math.round(this.slicePosition(Math.max(0, Math.min((this.rows ?? 1) - 1, row)))); }

  /** The row of a slice. @param {number} z */
  rowOf(z) {
    const { count, positions, rows = 0, step = 1, rising } = this;
    if (this.even) return rising ? rows - 1 - z : z;
    const foot = Math.min(positions[0], positions[count - 1]);
    return rows - 1 - (positions[z] - foot) / step;
  }
}

/** @param {number} count @param {number[]} positions @param {number} tilt @param {string} [plane] */
function refuse(count, positions, tilt, plane) {
  if (positions.length !== count || count < 2) return 'No other planes: this stack does not say where its slices lie.';
  if (plane && plane !== 'axial') return `No other planes: they are cut from axial slices, these are ${plane}.`;
  if (Math.abs(tilt) > UPRIGHT) return `No other planes: the gantry was tilted by ${Math.abs(tilt).toFixed(1)}°, they would be sheared.`;
  const way = Math.sign(positions[1] - positions[0]);
  if (!way || positions.slice(1).some((p, i) => Math.sign(p - positions[i]) !== way)) return 'No other planes: the slices do not follow one another along one line.';
  return '';
}

/**
 * One plane as a slice of its own; rows whose slices have not come are 0.
 * @param {Map<number, Slice>} slices @param {Slice} model gives size, spacing and rescale @param {Geometry} geometry
 * @param {string} plane coronal | sagittal @param {number} k row (coronal) or column (sagittal) of the slices
 * @returns {Slice}
 */
export function cut(slices, model, geometry, plane, k) {
  const { rows = 0, step = 1 } = geometry;
  const width = plane === 'coronal' ? model.w : model.h;
  const data = new Uint16Array(width * rows);
  for (let row = 0; row < rows; row++) {
    const at = geometry.slicePosition(row);
    const i = Math.floor(at + 1e-9);
    const t = at - i;
    const low = slices.get(i);
    if (!low) continue;
    const high = t > 1e-6 ? slices.get(i + 1) : low;
    if (!high) continue;
    line(data, row * width, width, low, high, t, plane, k);
  }
  return { ...model, w: width, h: rows, data, rowMm: step, columnMm: plane === 'coronal' ? model.columnMm : model.rowMm };
}

/** @param {Uint16Array} out @param {number} to @param {number} n @param {Slice} low @param {Slice} high @param {number} t @param {string} plane @param {number} k */
function line(out, to, n, low, high, t, plane, k) {
  const start = plane === 'coronal' ? k * low.w : k;
  const stride = plane === 'coronal' ? 1 : low.w;
  for (let i = 0, p = start; i < n; i++, p += stride) out[to + i] = t > 1e-6 ? low.data[p] + (high.data[p] - low.data[p]) * t + 0.5 : low.data[p];
}
