// @ts-check
// Pixel blocks: fetched with retry, decoded, never half shown. The layout is trainer/imaging/block.py's.

/**
 * One slice. Stored values stay as they came; `slope` and `intercept` give modality values.
 * @typedef {{w: number, h: number, data: Uint16Array, slope: number, intercept: number,
 *   centre: number, width: number, rowMm: number, columnMm: number}} Slice
 */

export const LARGEST_SIDE = 16384;
const MAGIC = 0x31425454; // "TTB1"
const WAITS = [500, 1000, 2000, 4000, 8000];

/** What went wrong with a block, in words a reader can act on. */
export class BlockError extends Error {
  /** @param {string} kind cut | size | token | missing | network @param {string} message @param {number} [status] */
  constructor(kind, message, status = 0) {
    super(message);
    this.kind = kind;
    this.status = status;
    this.retry = kind === 'network' || kind === 'cut';
  }
}

/**
 * Decode one block.
 * @param {ArrayBuffer} buffer
 * @returns {Slice}
 */
export function decode(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < 64 || view.getUint32(0, true) !== MAGIC) {
    throw new BlockError('cut', 'What arrived is not an image.');
  }
  const start = view.getUint32(4, true);
  const w = view.getUint32(8, true);
  const h = view.getUint32(12, true);
  if (!w || !h || w > LARGEST_SIDE || h > LARGEST_SIDE) {
    throw new BlockError('size', `The image is ${w} × ${h}; the viewer shows 1 to ${LARGEST_SIDE} pixels a side.`);
  }
  const wanted = start + 2 * w * h;
  if (buffer.byteLength < wanted) {
    throw new BlockError('cut', `The image was cut short: ${buffer.byteLength} of ${wanted} bytes arrived.`);
  }
  const f = (/** @type {number} */ at) => view.getFloat32(at, true);
  return {
    w, h, slope: f(16), intercept: f(20), centre: f(24), width: f(28), rowMm: f(32) || 1, columnMm: f(36) || 1,
    data: littleEndian(buffer, start, w * h),
  };
}

/** @param {ArrayBuffer} buffer @param {number} start @param {number} count */
function littleEndian(buffer, start, count) {
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 && start % 2 === 0) {
    return new Uint16Array(buffer, start, count);
  }
  const view = new DataView(buffer, start);
  return Uint16Array.from({ length: count }, (_, i) => view.getUint16(2 * i, true));
}

/** @param {number} status */
function refusal(status) {
  if (status === 401 || status === 403) return new BlockError('token', 'This image was opened elsewhere or is not yours to see. Reload the page to go on.', status);
  if (status === 410) return new BlockError('token', 'This view of the image has ended. Reload the page to go on.', status);
  if (status === 404) return new BlockError('missing', 'The image is not there (404). Reload the page; if it stays away, tell your director.', status);
  if (status < 500 && ![408, 425, 429].includes(status)) {
    return new BlockError('token', `The server would not send the image (${status}). Reload the page to go on.`, status);
  }
  return new BlockError('network', `The server answered ${status}.`, status);
}

const KEPT = 2; // blocks fetched ahead and not yet asked for

/** @type {Map<string, Promise<ArrayBuffer>>} */
const ahead = new Map();

/**
 * Fetch a block's bytes before they are needed; the next `load` of the same address takes them.
 * @param {string} url
 */
export function prefetch(url) {
  if (ahead.has(url)) return;
  const bytes = once(url);
  bytes.catch(() => ahead.delete(url));
  ahead.set(url, bytes);
  for (const old of ahead.keys()) if (ahead.size > KEPT) ahead.delete(old);
}

/** @param {string} url @param {AbortSignal} [signal] */
async function once(url, signal) {
  let answer;
  try {
    answer = await fetch(url, { signal, credentials: 'same-origin' });
    if (answer.ok) return await answer.arrayBuffer();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new BlockError('network', 'The connection was lost while the image was on its way.');
  }
  throw refusal(answer.status);
}

/**
 * Fetch and decode; on a lost line or a cut block try again, waiting longer each time.
 * @param {string} url
 * @param {{signal?: AbortSignal, waits?: number[], onRetry?: (error: BlockError, seconds: number) => void}} [options]
 * @returns {Promise<Slice>}
 */
export async function load(url, { signal, waits = WAITS, onRetry } = {}) {
  for (let attempt = 0; ; attempt++) {
    try {
      const early = ahead.get(url);
      ahead.delete(url);
      // What was refused ahead of its time may be given now.
      return decode(await (early?.catch(() => once(url, signal)) ?? once(url, signal)));
    } catch (error) {
      if (!(error instanceof BlockError) || !error.retry || attempt >= waits.length) throw error;
      onRetry?.(error, waits[attempt] / 1000);
      await pause(waits[attempt], signal);
    }
  }
}

/** @param {number} ms @param {AbortSignal} [signal] */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
  });
}
