// @ts-check
// What a reader asks for later comes together: lenses, panels, measuring, the list of shortcuts, the truth.
import { Flyout } from './flyout.js';
import { Help } from './help.js';
import { Lenses, compute } from './lens/client.js';
import { Measuring } from './measuring.js';
import { blink, compareMode, openTruth, stepRegion } from './truth.js';

export { Flyout, Help, Lenses, Measuring, blink, compareMode, compute, openTruth, stepRegion };
