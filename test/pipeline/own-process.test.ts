import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => {
  vi.resetModules();
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test.each([
  ['without the threads of OpenBLAS', undefined, '1'],
  ['with as many as the environment asks for', '2', '2'],
])('programs start %s', async (_, asked, given) => {
  vi.stubEnv('OPENBLAS_NUM_THREADS', asked);
  await import('../../src/pipeline/own-process.ts');
  expect(process.env.OPENBLAS_NUM_THREADS).toBe(given);
});
