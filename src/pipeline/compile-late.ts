import { setFlagsFromString } from 'node:v8';

/**
 * V8 optimises a function once it has run this many bytes of bytecode, four times its usual. A run is over before much of what is
 * optimised early pays back: see docs/performance.md.
 */
setFlagsFromString('--interrupt-budget=540672');
