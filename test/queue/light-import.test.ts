import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { ROOT } from '../house/checkout.ts';

const SCRIPT = `
  const { createProducer, FramescribeError, ERROR_KINDS } = await import('framescribe/queue');
  const { createRequire } = await import('node:module');
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  const libraries = process.report.getReport().sharedObjects;
  console.log(JSON.stringify({ kinds: [typeof createProducer, typeof FramescribeError, typeof ERROR_KINDS], loaded, libraries }));
`;

test('an application that imports framescribe/queue loads neither a model nor a codec', () => {
  const run = spawnSync(process.execPath, ['--input-type=module', '--eval', SCRIPT], { cwd: ROOT, encoding: 'utf8' });
  expect(run.stderr).toBe('');
  const { kinds, loaded, libraries } = JSON.parse(run.stdout) as Record<'kinds' | 'loaded' | 'libraries', string[]>;
  expect(kinds).toEqual(['function', 'function', 'object']);
  expect(loaded.some((file) => file.includes('/bullmq/'))).toBe(true);
  expect([...loaded, ...libraries].filter((file) => /onnxruntime|sharp|vips|@aws-sdk|commander/.test(file))).toEqual(
    [],
  );
});
