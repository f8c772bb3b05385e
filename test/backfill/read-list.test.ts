import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Listed, readList } from '../../src/backfill/read-list.ts';

const folder = mkdtempSync(join(tmpdir(), 'fs-list-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(name: string, contents: string | Buffer): Promise<readonly Listed[]> {
  const file = join(folder, name);
  writeFileSync(file, contents);
  const all: Listed[] = [];
  for await (const listed of readList(file, '/tapes')) all.push(listed);
  return all;
}

const wrong = (line: number) => ({ line, problem: expect.any(String) });

describe('a list of sources', () => {
  test('has one a line, relative paths below a folder, blank lines passed over', async () => {
    const listed = await read(
      'plain.txt',
      '\uFEFFs3://b/key one.mp4\r\n\r\nclips/a.mp4\n/abs/b.mp4\nhttps://example.org/c.mp4',
    );
    expect(listed.map((one) => ('source' in one ? [one.line, one.source] : one))).toEqual([
      [1, 's3://b/key one.mp4'],
      [3, '/tapes/clips/a.mp4'],
      [4, '/abs/b.mp4'],
      [5, 'https://example.org/c.mp4'],
    ]);
  });

  test('tells bad lines with their numbers, and reads the others', async () => {
    const long = 'x'.repeat(70_000);
    const bytes = Buffer.concat([
      Buffer.from(`s3://b/1.mp4\nftp://b/2.mp4\nhttps://user:secret@example.org/3.mp4\ns3://nokey\n`),
      Buffer.from([0xff, 0xfe, 0x41, 10]),
      Buffer.from(`${long}\n/ok.mp4\n`),
    ]);
    const listed = await read('bad.txt', bytes);
    expect(listed).toEqual([
      { line: 1, source: 's3://b/1.mp4', labels: {}, version: undefined },
      ...[2, 3, 4, 5, 6].map(wrong),
      { line: 7, source: '/ok.mp4', labels: {}, version: undefined },
    ]);
    expect(JSON.stringify(listed)).not.toContain('secret');
  });

  test('may be JSON lines with labels and versions; what else is in them does not matter', async () => {
    const lines = [
      '{"source":"s3://b/a.mp4","labels":{"reel":"7"},"version":"etag1"}',
      '{"source":"s3://b/b.mp4","code":"DISK_FULL","message":"no space"}',
      '{"source":5}',
      '{"source":"s3://b/c.mp4"',
      '[]',
      `{"source":"s3://b/d.mp4","labels":{"long":"${'x'.repeat(300)}"}}`,
    ];
    expect(await read('some.jsonl', lines.join('\n'))).toEqual([
      { line: 1, source: 's3://b/a.mp4', labels: { reel: '7' }, version: 'etag1' },
      { line: 2, source: 's3://b/b.mp4', labels: {}, version: undefined },
      ...[3, 4, 5, 6].map(wrong),
    ]);
  });

  test('may be CSV, whose other columns are labels', async () => {
    const csv =
      'reel, source ,version,note\r\n7,s3://b/a.mp4,e1,"two\nlines"\r\n8,b.mp4,,\r\nshort\r\n,ftp://x/y,,\r\n9,c.mp4,,ok\r\n';
    expect(await read('some.csv', csv)).toEqual([
      { line: 3, source: 's3://b/a.mp4', labels: { reel: '7', note: 'two\nlines' }, version: 'e1' },
      { line: 4, source: '/tapes/b.mp4', labels: { reel: '8' }, version: undefined },
      wrong(5),
      wrong(6),
      { line: 7, source: '/tapes/c.mp4', labels: { reel: '9', note: 'ok' }, version: undefined },
    ]);
  });

  test('of CSV with a quote that never closes says where it stops', async () => {
    const listed = await read('open.csv', `source\na.mp4\n"b.mp4\n${'c.mp4\n'.repeat(20_000)}`);
    expect(listed[0]).toMatchObject({ source: '/tapes/a.mp4' });
    expect(listed).toHaveLength(2);
    expect(listed[1]).toEqual(wrong(expect.any(Number) as unknown as number));
  });

  test.each([
    ['clip.mp4', 'whatever'],
    ['bytes.txt', Buffer.from([0, 1, 2])],
    ['headless.csv', 'a.mp4,7\nb.mp4,8\n'],
  ])('is not %s', async (name, contents) => {
    await expect(read(name, contents)).rejects.toMatchObject({ code: 'LIST_INVALID' });
  });

  test('that is not there is no list', async () => {
    await expect(readList(join(folder, 'absent.txt'), '/').next()).rejects.toMatchObject({ code: 'LIST_INVALID' });
  });
});
