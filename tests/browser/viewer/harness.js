// The page around the viewer in tests: options come from the server as JSON, every callback is kept.
import { Viewer } from '/static/viewer/viewer.js';

const data = JSON.parse(document.querySelector('#options').textContent);
const calls = [];
const note = (name) => (...args) => calls.push([name, ...JSON.parse(JSON.stringify(args))]);
const { blocks, prefetch, ...options } = data;
const viewer = new Viewer(document.querySelector('.stage'), {
  ...options,
  blockUrl: (i) => `/block/${blocks}/${i}`,
  onMarks: note('marks'), onFirstPaint: (info) => {
    note('first')(info);
    requestAnimationFrame(() => performance.mark('film')); // the frame after the one it was drawn in
  },
  onReady: note('ready'),
  onCompare: note('compare'),
  onError: (e) => calls.push(['error', { kind: e.kind, status: e.status, message: e.message }]),
});
Object.assign(window, { viewer, calls });
