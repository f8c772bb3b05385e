import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import defaults from '../../config/default.json' with { type: 'json' };
import { type Config, config } from '../../src/domain/config.ts';
import { type FetchedSource, type FetchOptions, fetchSource } from '../../src/fetch/fetch-source.ts';

/** Bytes without a pattern, so that a wrong order or a lost part shows. */
export const VIDEO = randomBytes(3_000_000);

/** Settings with which loopback servers count as the internet. */
export function settingsWith(fetch: Partial<Config['fetch']> = {}, limits: Partial<Config['limits']> = {}): Config {
  const base = config.parse(defaults);
  const quick = { allowHttp: true, allowedNetworks: '127.0.0.0/8, ::1/128', stallTimeoutMs: 5000, maxAttempts: 3 };
  return {
    ...base,
    limits: { ...base.limits, ...limits },
    fetch: { ...base.fetch, ...quick, ...fetch },
    temp: { ...base.temp, keepFreeBytes: 0 },
  };
}

/** A folder that goes away after the test. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fetch-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Fetches into a folder of its own. */
export async function fetchInto(
  source: string,
  settings: Config = settingsWith(),
  options: Partial<FetchOptions> = {},
): Promise<FetchedSource> {
  const folder = options.folder ?? (await testFolder());
  return fetchSource(source, settings, { signal: new AbortController().signal, ...options, folder });
}
