import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './checkout.ts';

const CRUISE = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');

it('finds imports that point the wrong way', () => {
  const broken = cruise({
    'src/domain/a.ts': "import '../media/a.ts';",
    'src/media/a.ts': "import '../caption/a.ts';",
    'src/caption/a.ts': "import 'node:child_process'; import './b.ts';",
    'src/caption/b.ts': "import './a.ts'; import '../../test/a.ts';",
    'src/pipeline/a.ts': "import type { A } from '../cli/a.ts'; export type B = A;",
    'src/cli/a.ts': 'export type A = 1;',
    'test/a.ts': '',
  });
  expect(broken).toEqual([
    'domain-looks-down: src/domain/a.ts → src/media/a.ts',
    'media-looks-down: src/media/a.ts → src/caption/a.ts',
    'no-cycles: src/caption/a.ts → src/caption/b.ts',
    'pipeline-looks-down: src/pipeline/a.ts → src/cli/a.ts',
    'processes-have-one-keeper: src/caption/a.ts → child_process',
    'product-stands-alone: src/caption/b.ts → test/a.ts',
  ]);
});

it('lets imports that point down pass', () => {
  const broken = cruise({
    'src/domain/a.ts': 'export const a = 1;',
    'src/media/ffmpeg.ts': "import 'node:child_process'; import '../domain/a.ts';",
    'src/pipeline/a.ts': "import '../media/ffmpeg.ts';",
    'src/cli/main.ts': "import '../pipeline/a.ts';",
  });
  expect(broken).toEqual([]);
});

it('keeps schemas and inner rooms out of the page', () => {
  const broken = cruise({
    'src/domain/a.ts': 'export const a = 1; export type A = 1;',
    'src/storage/a.ts': 'export const a = 1;',
    'web/a.ts': "import '../src/domain/a.ts'; import '../src/storage/a.ts';",
    'web/b.ts': "import type { A } from '../src/domain/a.ts'; export type B = A;",
  });
  expect(broken).toEqual([
    'page-loads-no-schemas: web/a.ts → src/domain/a.ts',
    'page-looks-at-shapes: web/a.ts → src/storage/a.ts',
  ]);
});

/** The rules that these files break, with the import that breaks them. */
function cruise(files: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'framescribe-imports-'));
  try {
    for (const [path, text] of Object.entries({ 'tsconfig.json': '{}', ...files })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const folders = new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''));
    const args = [
      CRUISE,
      ...[...folders].filter((name) => name !== 'test'),
      '--config',
      join(ROOT, '.dependency-cruiser.cjs'),
      '--output-type',
      'json',
    ];
    const done = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    const { summary } = JSON.parse(done.stdout) as {
      summary: { violations: { rule: { name: string }; from: string; to: string }[] };
    };
    return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`).sort();
  } finally {
    rmSync(folder, { recursive: true });
  }
}
