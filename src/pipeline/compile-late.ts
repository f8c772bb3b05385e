import { setFlagsFromString } from 'node:v8';

/**
 * V8 optimises a function once it has run this many bytes of bytecode, eight times as many as it would in Node.js 20. A run is
 * over before much of what is optimised early pays back: see docs/performance.md.
 */
setFlagsFromString('--interrupt-budget=540672');
