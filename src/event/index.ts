/** Thresholds and what crosses them. No I/O; time is an argument. */
export { Crossings } from './crossings.ts';
export { parseThreshold, sameThreshold, type Threshold } from './threshold.ts';
