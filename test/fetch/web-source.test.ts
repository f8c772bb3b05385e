import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { readdir, readFile, symlink } from 'node:fs/promises';
import type { createServer, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FramescribeError } from '../../src/domain/errors.ts';
import { startAnsweringMachine } from '../services/answering-machine.ts';
import { makeCertificate } from './certificate.ts';
import { fetchInto, settingsWith, testFolder, VIDEO } from './fetching.ts';
import { ETAG, serveRanges, startOf } from './range-server.ts';

const SHA256 = createHash('sha256').update(VIDEO).digest('hex');

describe('a source on a web server', () => {
  test('comes as the bytes that it is, under a name of ours, with its hash and a name for people', async () => {
    await using server = await startAnsweringMachine(serveRanges());
    const url = server.url.replace('http://', 'http://user:pass@');
    const fetched = await fetchInto(`${url}/films/My%20dog.mp4?token=secret#t=3`);
    expect(fetched).toMatchObject({ bytes: VIDEO.length, sha256: SHA256, name: 'My dog.mp4' });
    expect(fetched.path).toMatch(/\/source$/);
    expect((await readFile(fetched.path)).equals(VIDEO)).toBe(true);
    expect(server.heard[0]?.headers).toMatchObject({
      'accept-encoding': 'identity',
      authorization: `Basic ${Buffer.from('user:pass').toString('base64')}`,
    });
  });

  test('comes over TLS, from a host whose certificate is trusted and names it', async () => {
    const { key, cert } = makeCertificate('media.test');
    const server = createSecureServer({ key, cert }, (_request, response) => response.end(VIDEO));
    const port = await listen(server);
    const settings = settingsWith({ allowHttp: false, maxAttempts: 1 });
    const resolve = async () => ['127.0.0.1'];
    const trusting = { network: { resolve, ca: cert } };
    expect(await fetchInto(`https://media.test:${port}/a.mp4`, settings, trusting)).toMatchObject({ sha256: SHA256 });
    expect(await fetchInto(`https://127.0.0.1:${port}/a.mp4`, settings, trusting)).toMatchObject({ sha256: SHA256 });
    await expect(fetchInto(`https://other.test:${port}/a.mp4`, settings, trusting)).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
    });
    await expect(
      fetchInto(`https://media.test:${port}/a.mp4`, settings, { network: { resolve } }),
    ).rejects.toMatchObject({ message: expect.stringContaining('SELF_SIGNED') });
  });

  test.each([
    [404, 'SOURCE_NOT_FOUND'],
    [410, 'SOURCE_NOT_FOUND'],
    [401, 'SOURCE_UNREADABLE'],
    [403, 'SOURCE_UNREADABLE'],
    [204, 'SOURCE_UNREADABLE'],
    [206, 'SOURCE_UNREADABLE'],
    [416, 'SOURCE_UNREADABLE'],
  ])('with status %i is refused at once as %s, and no secret of its URL is told', async (status, code) => {
    await using server = await startAnsweringMachine((_, response) => response.writeHead(status).end());
    const folder = await testFolder();
    const url = `${server.url.replace('http://', 'http://user:pass@')}/film.mp4?token=secret`;
    const error = await fetchInto(url, settingsWith(), { folder }).catch((error) => error);
    expect(error).toMatchObject({ code, message: expect.stringContaining('/film.mp4') });
    expect(everythingIn(error)).not.toMatch(/secret|user|pass/);
    expect(server.heard).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test('with a failing server is asked for again, a bounded number of times', async () => {
    let answers = 0;
    await using server = await startAnsweringMachine((heard, response) => {
      if (++answers === 1) response.writeHead(503).end();
      else serveRanges()(heard, response);
    });
    expect(await fetchInto(`${server.url}/a.mp4`)).toMatchObject({ sha256: SHA256 });
    await using broken = await startAnsweringMachine((_, response) => response.writeHead(500).end());
    await expect(fetchInto(`${broken.url}/a.mp4`)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
    expect(broken.heard).toHaveLength(3);
  });

  test('larger than the limit is refused before its body, and while it grows where nobody told', async () => {
    const settings = settingsWith({}, { maxBytes: 2_000_000 });
    const seen: number[] = [];
    const onProgress = (bytes: number) => seen.push(bytes);
    await using honest = await startAnsweringMachine(serveRanges());
    const asked = fetchInto(`${honest.url}/a.mp4`, settings, { onProgress });
    await expect(asked).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' });
    expect(seen).toEqual([]);
    await using endless = await startAnsweringMachine((_, response) => pour(response));
    const endlessly = fetchInto(`${endless.url}/a.mp4`, settings, { onProgress });
    await expect(endlessly).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' });
    expect(Math.max(...seen)).toBeLessThanOrEqual(2_000_000);
  });

  test('is refused before its body where it would not fit', async () => {
    await using server = await startAnsweringMachine((_, response) => {
      response.writeHead(200, { 'content-length': 2 ** 50 }).flushHeaders();
    });
    const settings = settingsWith({}, { maxBytes: 2 ** 51 });
    await expect(fetchInto(`${server.url}/a.mp4`, settings)).rejects.toMatchObject({
      code: 'DISK_FULL',
      kind: { retryable: true },
    });
  });

  test('asks for room before it takes it, and heeds a no', async () => {
    await using server = await startAnsweringMachine(serveRanges());
    const claims: number[] = [];
    await fetchInto(`${server.url}/a.mp4`, settingsWith(), { claim: async (bytes) => void claims.push(bytes) });
    expect(claims).toEqual([VIDEO.length]);
    const full = new FramescribeError('DISK_FULL', 'Expected room, got none');
    const claim = () => Promise.reject(full);
    await expect(fetchInto(`${server.url}/a.mp4`, settingsWith(), { claim })).rejects.toBe(full);
  });

  test('is given up, and may be tried again, where the disk is full all of a sudden', async () => {
    await using server = await startAnsweringMachine(serveRanges());
    const folder = await testFolder();
    await symlink('/dev/full', join(folder, 'source'));
    await expect(fetchInto(`${server.url}/a.mp4`, settingsWith(), { folder })).rejects.toMatchObject({
      code: 'DISK_FULL',
      kind: { retryable: true },
    });
    expect(server.heard).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test('of no bytes is no video', async () => {
    await using server = await startAnsweringMachine((_, response) => response.end());
    await expect(fetchInto(`${server.url}/a.mp4`)).rejects.toMatchObject({ code: 'SOURCE_EMPTY' });
    await using silent = await startAnsweringMachine((_, response) => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' }).end();
    });
    await expect(fetchInto(`${silent.url}/a.mp4`)).rejects.toMatchObject({ code: 'SOURCE_EMPTY' });
  });

  test('is never decompressed', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    await using server = await startAnsweringMachine((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    );
    await expect(fetchInto(`${server.url}/a.mp4`)).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
    await using plain = await startAnsweringMachine((_, response) => response.end(bomb));
    expect(await fetchInto(`${plain.url}/a.mp4.gz`)).toMatchObject({ bytes: bomb.length });
  });

  test('whose end looks like a lost connection is not taken for whole', async () => {
    await using server = await startAnsweringMachine((_, response) => {
      response.socket?.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nsome bytes');
    });
    await expect(fetchInto(`${server.url}/a.mp4`)).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  });
});

describe('a lost connection', () => {
  test('is made up for from where it broke, of the same revision', async () => {
    let left = 2;
    await using server = await startAnsweringMachine(serveRanges({ dropAfter: () => (left-- > 0 ? 1_100_000 : null) }));
    expect(await fetchInto(`${server.url}/a.mp4`)).toMatchObject({ bytes: VIDEO.length, sha256: SHA256 });
    const resumed = server.heard.slice(1).map(({ headers }) => headers);
    expect(resumed).toHaveLength(2);
    for (const headers of resumed) expect(headers['if-range']).toBe(ETAG);
    expect(startOf(resumed[0])).toBeGreaterThan(0);
    expect(startOf(resumed[1])).toBeGreaterThan(startOf(resumed[0]));
  });

  test('that comes too often without news is given up', async () => {
    await using server = await startAnsweringMachine(serveRanges({ dropAfter: () => 1000 }));
    await expect(fetchInto(`${server.url}/a.mp4`)).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      kind: { retryable: true },
    });
    expect(server.heard).toHaveLength(3);
  });

  test('may come often as long as there are news', async () => {
    await using server = await startAnsweringMachine(serveRanges({ dropAfter: () => 1_200_000 }));
    const settings = settingsWith({ maxAttempts: 2 });
    expect(await fetchInto(`${server.url}/a.mp4`, settings)).toMatchObject({ sha256: SHA256 });
    expect(server.heard.length).toBeGreaterThan(2);
  });

  test.each([
    ['answers with the whole', { ignoreRange: true }],
    ['answers with another range', { shiftBytes: 7 }],
    ['says that there is no such range', { refuseRange: true }],
    ['has no revisions', { etag: null }],
    ['has weak revisions only', { etag: 'W/"one"' }],
  ])('starts the file again where the server %s', async (_, quirk) => {
    let left = 1;
    const dropAfter = () => (left-- > 0 ? 1_100_000 : null);
    await using server = await startAnsweringMachine(serveRanges({ ...quirk, dropAfter }));
    expect(await fetchInto(`${server.url}/a.mp4`)).toMatchObject({ bytes: VIDEO.length, sha256: SHA256 });
  });

  test('starts the file again where it is another by then, and leaves nothing of the old one', async () => {
    const shorter = VIDEO.subarray(5, 2_000_005);
    let answers = 0;
    await using server = await startAnsweringMachine((heard, response) => {
      if (++answers === 1) serveRanges({ dropAfter: () => 2_500_000 })(heard, response);
      else serveRanges({ bytes: shorter, etag: '"two"' })(heard, response);
    });
    const fetched = await fetchInto(`${server.url}/a.mp4`);
    expect((await readFile(fetched.path)).equals(shorter)).toBe(true);
    expect(fetched).toMatchObject({
      bytes: shorter.length,
      sha256: createHash('sha256').update(shorter).digest('hex'),
    });
  });

  test('is not made up for with a part of another file, whatever the server thinks of If-Range', async () => {
    const newer = VIDEO.toReversed();
    let answers = 0;
    await using server = await startAnsweringMachine((heard, response) => {
      if (++answers === 1) serveRanges({ dropAfter: () => 1_100_000 })(heard, response);
      else serveRanges({ bytes: Buffer.from(newer), etag: '"two"', ignoreCondition: true })(heard, response);
    });
    const fetched = await fetchInto(`${server.url}/a.mp4`);
    expect((await readFile(fetched.path)).equals(newer)).toBe(true);
  });

  test('may be what a server calls a part', async () => {
    let answers = 0;
    await using server = await startAnsweringMachine((heard, response) =>
      serveRanges({ dropAfter: () => (++answers === 1 ? 1_100_000 : null), mostBytes: 1_100_000 })(heard, response),
    );
    expect(await fetchInto(`${server.url}/a.mp4`)).toMatchObject({ bytes: VIDEO.length, sha256: SHA256 });
    expect(server.heard).toHaveLength(3);
  });

  test('from a file that is another each time is SOURCE_CHANGED', async () => {
    let answers = 0;
    await using server = await startAnsweringMachine((heard, response) =>
      serveRanges({ etag: `"${++answers}"`, dropAfter: () => 1_200_000 })(heard, response),
    );
    await expect(fetchInto(`${server.url}/a.mp4`)).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
    expect(server.heard.length).toBeLessThan(5);
  });
});

describe('a server that takes its time', () => {
  test('is left where it says nothing', async () => {
    await using server = await startAnsweringMachine(() => {});
    const settings = settingsWith({ stallTimeoutMs: 500, maxAttempts: 2 });
    await expect(fetchInto(`${server.url}/a.mp4`, settings)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
    expect(server.heard).toHaveLength(2);
  });

  test('is left where it sends a byte now and then', async () => {
    await using server = await startAnsweringMachine((_, response) => {
      response.writeHead(200, { 'content-length': 1_000_000 });
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    const settings = settingsWith({ stallTimeoutMs: 300, maxAttempts: 1 });
    await expect(fetchInto(`${server.url}/a.mp4`, settings)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
  });

  test('has until the deadline, and the file goes away with it', async () => {
    await using server = await startAnsweringMachine((_, response) => {
      response.writeHead(200, { 'content-length': 1_000_000_000 });
      const timer = setInterval(() => response.write(Buffer.alloc(20_000)), 20);
      response.on('close', () => clearInterval(timer));
    });
    const folder = await testFolder();
    const settings = settingsWith({ deadlineMs: 400 });
    const asked = fetchInto(`${server.url}/a.mp4`, settings, { folder });
    await expect(asked).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(await readdir(folder)).toEqual([]);
  });

  test('is hung up on within moments of a cancel, and the reason is passed on', async () => {
    const hungUp = new EventEmitter();
    const seen = once(hungUp, 'close');
    await using server = await startAnsweringMachine((_, response) => {
      response.on('close', () => hungUp.emit('close'));
      response.writeHead(200, { 'content-length': 1_000_000_000 }).write(Buffer.alloc(100_000));
    });
    const stop = new AbortController();
    const folder = await testFolder();
    const asked = fetchInto(`${server.url}/a.mp4`, settingsWith(), {
      folder,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(asked).rejects.toMatchObject({ code: 'CANCELLED' });
    await seen;
    expect(await readdir(folder)).toEqual([]);
    const reason = new FramescribeError('DEADLINE_EXCEEDED', 'Expected less work, got more');
    const signal = AbortSignal.abort(reason);
    await expect(fetchInto(`${server.url}/a.mp4`, settingsWith(), { signal })).rejects.toBe(reason);
  });
});

/** A body without a length that never ends. */
function pour(response: ServerResponse): void {
  const chunk = Buffer.alloc(1 << 16);
  const more = () => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

async function listen(
  server: ReturnType<typeof createServer> | ReturnType<typeof createSecureServer>,
): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** What a log would show of an error, its causes included. */
function everythingIn(error: Error): string {
  const parts = [error.message, error.stack, JSON.stringify(error), JSON.stringify(Object.entries(error))];
  return parts.join('\n') + (error.cause instanceof Error ? everythingIn(error.cause) : String(error.cause ?? ''));
}
