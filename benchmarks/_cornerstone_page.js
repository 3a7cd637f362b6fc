// The page that shows a film in Cornerstone3D, bundled in a temporary folder by _cornerstone.py.
import { Enums, RenderingEngine, imageLoader, init, metaData } from '@cornerstonejs/core';

const params = new URLSearchParams(location.search);
const HEADER = 64;
let size = [0, 0];
metaData.addProvider((type) => {
  const [rows, columns] = size;
  if (type === 'imagePixelModule') return { bitsAllocated: 16, bitsStored: 16, highBit: 15, photometricInterpretation: 'MONOCHROME2', pixelRepresentation: 0, samplesPerPixel: 1, rows, columns };
  if (type === 'imagePlaneModule') return { imageOrientationPatient: [1, 0, 0, 0, 1, 0], imagePositionPatient: [0, 0, 0], rowCosines: [1, 0, 0], columnCosines: [0, 1, 0], pixelSpacing: [0.15, 0.15], rowPixelSpacing: 0.15, columnPixelSpacing: 0.15, rows, columns, frameOfReferenceUID: '1.2.3' };
  if (type === 'generalSeriesModule') return { modality: 'DX', seriesInstanceUID: '1.2.3.4' };
  if (type === 'voiLutModule') return { windowCenter: [32768], windowWidth: [65536] };
  if (type === 'modalityLutModule') return { rescaleIntercept: 0, rescaleSlope: 1 };
  return undefined;
}, 10000);
imageLoader.registerImageLoader('raw', (imageId) => ({ promise: load(imageId) }));

async function load(imageId) {
  const buffer = await (await fetch(imageId.slice(4))).arrayBuffer();
  const view = new DataView(buffer);
  const columns = view.getUint32(8, true);
  const rows = view.getUint32(12, true);
  size = [rows, columns];
  const pixels = new Uint16Array(buffer, HEADER, rows * columns);
  return { imageId, minPixelValue: 0, maxPixelValue: 65535, slope: 1, intercept: 0, windowCenter: 32768, windowWidth: 65536, getPixelData: () => pixels, rows, columns, height: rows, width: columns, color: false, rgba: false, numberOfComponents: 1, columnPixelSpacing: 0.15, rowPixelSpacing: 0.15, invert: false, sizeInBytes: pixels.byteLength, dataType: 'Uint16Array' , voiLUTFunction: 'LINEAR' };
}

const element = document.querySelector('#film');
await init({ rendering: { useCPURendering: params.get('cpu') === '1' } });
const engine = new RenderingEngine('bench');
engine.enableElement({ viewportId: 'film', type: Enums.ViewportType.STACK, element, defaultOptions: { background: [0, 0, 0] } });
const viewport = engine.getViewport('film');
const rendered = () => new Promise((done) => element.addEventListener(Enums.Events.IMAGE_RENDERED, done, { once: true }));
const first = rendered();
await viewport.setStack([`raw:${params.get('url')}`]);
viewport.setProperties({ voiRange: { lower: 0, upper: 65535 } });
viewport.render();
await first;
requestAnimationFrame(() => performance.mark('film'));
window.drag = async (seconds) => {
  const start = performance.now();
  let frames = 0;
  for (let i = 0; performance.now() - start < 1000 * seconds; i++) {
    const done = rendered();
    const half = 16000 + 8000 * Math.sin(i / 20);
    viewport.setProperties({ voiRange: { lower: 32768 - half, upper: 32768 + half } });
    viewport.render();
    await done;
    frames++;
  }
  return (frames / (performance.now() - start)) * 1000;
};
document.documentElement.dataset.ready = '1';
