/** What the processes that are Framescribe's own set for themselves: the command line and those that describe. */
import { setFlagsFromString } from 'node:v8';

/**
 * V8 optimises a function once it has run this many bytes of bytecode, eight times as many as it would in Node.js 20. A run is
 * over before much of what is optimised early pays back: see docs/performance.md.
 */
setFlagsFromString('--interrupt-budget=540672');
/** V8 collects once the heap is half as large again as what was in use, not up to four times as large. */
setFlagsFromString('--heap-growing-percent=50');

// Distributions' FFmpeg links OpenBLAS, which it hardly uses, and which starts threads as it is loaded.
process.env.OPENBLAS_NUM_THREADS ??= '1';
