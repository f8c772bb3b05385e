import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startAnsweringMachine } from '../services/answering-machine.ts';
import { makeCertificate } from './certificate.ts';
import { fetchInto, settingsWith } from './fetching.ts';

/** One loopback address is the internet here; the others are what they are. */
const INTERNET = '127.0.0.9';
const settings = settingsWith({ allowedNetworks: `${INTERNET}/32` });

describe('a URL', () => {
  test.each([
    'http://127.0.0.1/',
    'http://localhost/',
    'http://0/',
    'http://0.0.0.0/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://0x7f.0.0.1/',
    'http://127.1/',
    'http://①②⑦.0.0.1/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[fe80::1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/',
    'http://192.168.0.1/',
    'http://224.0.0.1/',
    'http://user:pass@127.0.0.1/',
    'http://1.1.1.1@127.0.0.1/',
  ])('that leads nowhere public is refused: %s', async (url) => {
    await expect(fetchInto(url, settings)).rejects.toMatchObject({ code: 'SOURCE_REFUSED_ADDRESS' });
  });

  test.each([
    'http://127.0.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::1]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://2130706433/',
    'ftp://1.1.1.1/',
    'file:///etc/passwd',
  ])('that is redirected to %s is refused', async (location) => {
    const server = await listenAt(INTERNET, (_, response) => response.writeHead(302, { location }).end());
    await expect(fetchInto(server.url, settings)).rejects.toMatchObject({ code: 'SOURCE_REFUSED_ADDRESS' });
  });

  test('without TLS is refused where that is not allowed, as is a redirect that gives it up', async () => {
    await using plain = await startAnsweringMachine((_, response) => response.end('video'));
    const { key, cert } = makeCertificate('media.test');
    const secure = createSecureServer({ key, cert }, (_, response) =>
      response.writeHead(302, { location: plain.url }).end(),
    );
    const { port } = await listening(secure, '127.0.0.1');
    const strict = settingsWith({ allowHttp: false });
    const network = { resolve: async () => [], ca: cert };
    for (const url of [plain.url, `https://127.0.0.1:${port}/`]) {
      await expect(fetchInto(url, strict, { network })).rejects.toMatchObject({ code: 'SOURCE_REFUSED_ADDRESS' });
    }
    expect(plain.heard).toEqual([]);
  });

  test('is followed over some redirects, relative ones too, and not in circles', async () => {
    const hops = await listenAt(INTERNET, ({ url }, response) => {
      const hop = Number(url?.slice(1));
      if (hop === 0) response.end('video');
      else response.writeHead(307, { location: String(hop - 1) }).end();
    });
    expect(await fetchInto(`${hops.url}/5`, settings)).toMatchObject({ bytes: 5 });
    await expect(fetchInto(`${hops.url}/6`, settings)).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  });

  test('keeps its user name and password from the host that it is redirected to', async () => {
    await using other = await startAnsweringMachine((_, response) => response.end('video'));
    await using first = await startAnsweringMachine((_, response) =>
      response.writeHead(302, { location: `${other.url}/b.mp4` }).end(),
    );
    await fetchInto(first.url.replace('http://', 'http://user:pass@'), settingsWith());
    expect(first.heard[0]?.headers.authorization).toBeDefined();
    expect(other.heard[0]?.headers.authorization).toBeUndefined();
  });
});

describe('a host name', () => {
  test('is looked up once, and the connection goes to the address that was checked', async () => {
    const server = await listenAt(INTERNET, (_, response) => response.end('video'));
    const trap = await listenAt('127.0.0.1', (_, response) => response.end('secret'), server.port);
    const answers = [[INTERNET], ['127.0.0.1']];
    const asked: string[] = [];
    const resolve = async (host: string) => {
      asked.push(host);
      return answers.shift() ?? [];
    };
    const fetched = await fetchInto(`http://rebinding.test:${server.port}/`, settings, { network: { resolve } });
    expect(fetched).toMatchObject({ bytes: 5 });
    expect(asked).toEqual(['rebinding.test']);
    expect(server.hosts).toEqual([`rebinding.test:${server.port}`]);
    expect(trap.hosts).toEqual([]);
  });

  test('is checked again at each attempt and at each redirect', async () => {
    const server = await listenAt(INTERNET, ({ url }, response) => {
      if (url === '/away') response.writeHead(302, { location: '/a.mp4' }).end();
      else response.writeHead(503).end();
    });
    const trap = await listenAt('127.0.0.1', (_, response) => response.end('secret'), server.port);
    for (const path of ['a.mp4', 'away']) {
      const answers = [[INTERNET], ['127.0.0.1']];
      const network = { resolve: async () => answers.shift() ?? [] };
      await expect(
        fetchInto(`http://rebinding.test:${server.port}/${path}`, settings, { network }),
      ).rejects.toMatchObject({ code: 'SOURCE_REFUSED_ADDRESS' });
    }
    expect(trap.hosts).toEqual([]);
  });

  test('with one private address among public ones is refused', async () => {
    const network = { resolve: async () => [INTERNET, '10.0.0.1'] };
    await expect(fetchInto('http://mixed.test/', settings, { network })).rejects.toMatchObject({
      code: 'SOURCE_REFUSED_ADDRESS',
    });
  });

  test('with several addresses is reached at the one that answers', async () => {
    const server = await listenAt(INTERNET, (_, response) => response.end('video'));
    const network = { resolve: async () => ['127.0.0.8', INTERNET] };
    const both = settingsWith({ allowedNetworks: '127.0.0.8/31' });
    const fetched = fetchInto(`http://several.test:${server.port}/`, both, { network });
    expect(await fetched).toMatchObject({ bytes: 5 });
  });

  test('that nobody knows is unreachable, and one whose look-up hangs is left', async () => {
    const unknown = { resolve: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })) };
    const hanging = { resolve: () => new Promise<never>(() => {}) };
    const impatient = settingsWith({ maxAttempts: 1, stallTimeoutMs: 100 });
    for (const network of [unknown, hanging]) {
      await expect(fetchInto('http://nowhere.test/', impatient, { network })).rejects.toMatchObject({
        code: 'SOURCE_UNREACHABLE',
      });
    }
  });
});

type Answer = Parameters<typeof createServer>[1];

/** A server at one address of this machine, which remembers by what name it was called. */
async function listenAt(address: string, answer: NonNullable<Answer>, port = 0) {
  const hosts: string[] = [];
  const server = createServer((request, response) => {
    hosts.push(request.headers.host ?? '');
    answer(request, response);
  });
  const own = await listening(server, address, port);
  return { url: `http://${address}:${own.port}`, port: own.port, hosts };
}

async function listening(server: Server, address: string, port = 0): Promise<AddressInfo> {
  server.listen(port, address);
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return server.address() as AddressInfo;
}
