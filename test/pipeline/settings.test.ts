import { expect, test } from 'vitest';
import { loadBundle } from '../../src/caption/bundle.ts';
import type { ScanMode } from '../../src/domain/scan-plan.ts';
import { optionsOf } from '../../src/pipeline/compose.ts';
import { loadConfig } from '../../src/pipeline/load-config.ts';
import { captionerSettings } from '../../src/pipeline/settings.ts';
import { temporaryFolder, writtenBundle } from '../caption/temporary.ts';
import { tinyFiles } from '../caption/tiny-bundle.ts';

const tiny = await loadBundle(writtenBundle(temporaryFolder(), 'lstm', tinyFiles('lstm')));
const config = await loadConfig({});

test.each([
  ['the bundle’s', 'exact', 5, 0, 5],
  ['narrower in a preview', 'preview', 5, 0, 3],
  ['no wider in a preview than the bundle’s', 'preview', 2, 0, 2],
  ['what was asked for, in a preview too', 'preview', 5, 8, 8],
] as const)('the beam is %s', (_, mode: ScanMode, usual, asked, beam) => {
  const decoding = { ...tiny.manifest.decoding, beam: usual };
  const bundle = { ...tiny, manifest: { ...tiny.manifest, decoding } };
  const chosen = { ...config, scan: { mode }, caption: { ...config.caption, beam: asked } };
  expect(captionerSettings(chosen, bundle).beam).toBe(beam);
  expect(optionsOf(chosen, bundle).beam).toBe(beam);
});
