import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadConfig } from '../../src/pipeline/load-config.ts';
import { linkOrigins } from '../../src/server/link-origins.ts';

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIA0');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'none');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});
afterEach(() => vi.unstubAllEnvs());

const REGION = { FRAMESCRIBE_STORAGE_S3_REGION: 'eu-central-1' };
const OWN = {
  ...REGION,
  FRAMESCRIBE_STORAGE_S3_ENDPOINT: 'http://s3.internal:9000',
  FRAMESCRIBE_STORAGE_S3_FORCE_PATH_STYLE: 'true',
};
const IN_S3 = { FRAMESCRIBE_QUEUE_STORE: 's3://results/videos' };

test.each<[string, Record<string, string>, readonly string[], readonly string[]]>([
  ['nowhere where the settings say nothing of S3', REGION, [], []],
  ['the one server of all buckets', { ...OWN, ...IN_S3 }, ['http://s3.internal:9000'], ['http://s3.internal:9000']],
  [
    'the server as browsers reach it',
    { ...OWN, ...IN_S3, FRAMESCRIBE_STORAGE_S3_LINK_ENDPOINT: 'https://media.example.org' },
    ['https://media.example.org'],
    ['https://media.example.org'],
  ],
  ['the server of sources, where results are in a folder', OWN, [], ['http://s3.internal:9000']],
  [
    'the bucket of results, and those that sources may come from',
    { ...REGION, ...IN_S3, FRAMESCRIBE_FETCH_BUCKETS: 'tapes, uploads' },
    ['https://results.s3.eu-central-1.amazonaws.com'],
    [
      'https://results.s3.eu-central-1.amazonaws.com',
      'https://tapes.s3.eu-central-1.amazonaws.com',
      'https://uploads.s3.eu-central-1.amazonaws.com',
    ],
  ],
  [
    'every bucket of the server, where sources may come from all',
    { ...REGION, ...IN_S3 },
    ['https://results.s3.eu-central-1.amazonaws.com'],
    ['https://results.s3.eu-central-1.amazonaws.com', 'https://*.s3.eu-central-1.amazonaws.com'],
  ],
])('the page may load from %s', async (_, env, pictures, videos) => {
  expect(await linkOrigins(await loadConfig(env))).toEqual({ pictures, videos });
});
