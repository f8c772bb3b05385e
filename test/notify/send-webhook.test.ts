import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import defaults from '../../config/default.json' with { type: 'json' };
import { type Config, config } from '../../src/domain/config.ts';
import { sendWebhook, type WebhookEvent } from '../../src/notify/send-webhook.ts';
import { verifyWebhook } from '../../src/notify/webhook-signature.ts';
import { makeCertificate } from '../fetch/certificate.ts';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;
const EVENT: WebhookEvent = {
  id: 'evt_1',
  type: 'video.described',
  timestamp: '2026-11-23T07:00:00.000Z',
  data: { name: 'Hündin', shots: 3 },
};
const never = new AbortController().signal;

describe('a webhook', () => {
  test('arrives signed, stamped and whole', async () => {
    const receiver = await startReceiver((response) => response.writeHead(204).end());
    const delivery = await sendWebhook(
      { url: `${receiver.url}/hook?key=1`, secret: SECRET, event: EVENT },
      settings(),
      never,
    );
    expect(delivery.status).toBe(204);
    const [heard] = receiver.heard;
    expect(heard).toMatchObject({
      method: 'POST',
      path: '/hook?key=1',
      headers: { 'content-type': 'application/json' },
    });
    expect(heard?.headers['webhook-id']).toBe(EVENT.id);
    expect(JSON.parse(heard?.body ?? '')).toEqual({ type: EVENT.type, timestamp: EVENT.timestamp, data: EVENT.data });
    expect(verifyWebhook({ headers: heard?.headers ?? {}, body: heard?.body ?? '' }, SECRET)).toBe(true);
  });

  test('goes over TLS with both secrets while one is exchanged', async () => {
    const certificate = makeCertificate('hooks.test');
    const receiver = await startReceiver((response) => response.end('thanks'), certificate);
    const secrets = [SECRET, `whsec_${randomBytes(32).toString('base64')}`];
    const url = `https://hooks.test:${receiver.port}/`;
    const network = { resolve: async () => ['127.0.0.1'], ca: certificate.cert };
    const strict = settings({ allowHttp: false });
    expect(await sendWebhook({ url, secret: secrets, event: EVENT }, strict, never, network)).toMatchObject({
      status: 200,
    });
    for (const secret of secrets) {
      const [heard] = receiver.heard;
      expect(verifyWebhook({ headers: heard?.headers ?? {}, body: heard?.body ?? '' }, secret)).toBe(true);
    }
  });

  test.each([
    [301, 'WEBHOOK_REFUSED'],
    [308, 'WEBHOOK_REFUSED'],
    [400, 'WEBHOOK_REFUSED'],
    [401, 'WEBHOOK_REFUSED'],
    [404, 'WEBHOOK_REFUSED'],
    [410, 'WEBHOOK_GONE'],
    [408, 'WEBHOOK_UNREACHABLE'],
    [425, 'WEBHOOK_UNREACHABLE'],
    [429, 'WEBHOOK_UNREACHABLE'],
    [500, 'WEBHOOK_UNREACHABLE'],
    [503, 'WEBHOOK_UNREACHABLE'],
  ])('answered with %i is %s, and goes nowhere else', async (status, code) => {
    const other = await startReceiver((response) => response.end());
    const receiver = await startReceiver((response) => response.writeHead(status, { location: other.url }).end());
    const webhook = { url: `${receiver.url}/hook?key=very-secret`, secret: SECRET, event: EVENT };
    const error = await sendWebhook(webhook, settings(), never).catch((error) => error);
    expect(error).toMatchObject({ code, kind: { retryable: code === 'WEBHOOK_UNREACHABLE' } });
    expect(`${error.stack}${JSON.stringify(error)}`).not.toMatch(/very-secret|whsec_/);
    expect([receiver.heard.length, other.heard.length]).toEqual([1, 0]);
  });

  test.each([
    'http://127.0.0.1/',
    'http://169.254.169.254/',
    'http://[::1]/',
    'http://2130706433/',
    'http://hooks.test/',
    'http://user:hush@1.1.1.1/',
    'ftp://1.1.1.1/',
    'no URL',
  ])('to %s is refused', async (url) => {
    const network = { resolve: async () => ['10.0.0.1'] };
    const closed = settings({ allowedNetworks: '' });
    const error = await sendWebhook({ url, secret: SECRET, event: EVENT }, closed, never, network).catch(
      (error) => error,
    );
    expect(error).toMatchObject({ code: 'WEBHOOK_REFUSED' });
    expect(error.message).not.toMatch(/hush/);
  });

  test('to plain HTTP is refused where that is not allowed', async () => {
    const receiver = await startReceiver((response) => response.end());
    const strict = settings({ allowHttp: false });
    await expect(sendWebhook({ url: receiver.url, secret: SECRET, event: EVENT }, strict, never)).rejects.toMatchObject(
      {
        code: 'WEBHOOK_REFUSED',
      },
    );
    expect(receiver.heard).toEqual([]);
  });

  test('waits for an answer for a time', async () => {
    const receiver = await startReceiver(() => {});
    const webhook = { url: receiver.url, secret: SECRET, event: EVENT };
    await expect(sendWebhook(webhook, settings({ timeoutMs: 100 }), never)).rejects.toMatchObject({
      code: 'WEBHOOK_UNREACHABLE',
    });
  });

  test('is delivered once its status says so, however long the rest of the answer is', async () => {
    let sent = 0;
    const receiver = await startReceiver((response) => {
      const chunk = Buffer.alloc(1 << 14);
      const more = () => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    const webhook = { url: receiver.url, secret: SECRET, event: EVENT };
    const delivery = await sendWebhook(webhook, settings({ timeoutMs: 5000 }), never);
    expect(delivery).toMatchObject({ status: 200 });
    expect(delivery.elapsedMs).toBeLessThan(4000);
    expect(sent).toBeLessThan(50_000_000);
    const slow = await startReceiver((response) => response.writeHead(200).write('x'));
    const slowly = await sendWebhook({ ...webhook, url: slow.url }, settings({ timeoutMs: 1000 }), never);
    expect(slowly).toMatchObject({ status: 200 });
  });

  test('to a receiver that is not there, or hangs up, may be tried again', async () => {
    const gone = await startReceiver((response) => response.socket?.destroy());
    for (const url of [gone.url, 'http://127.0.0.1:1/']) {
      await expect(sendWebhook({ url, secret: SECRET, event: EVENT }, settings(), never)).rejects.toMatchObject({
        code: 'WEBHOOK_UNREACHABLE',
      });
    }
  });

  test('is stopped on request', async () => {
    const receiver = await startReceiver(() => stop.abort());
    const stop = new AbortController();
    const webhook = { url: receiver.url, secret: SECRET, event: EVENT };
    await expect(sendWebhook(webhook, settings(), stop.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('needs a secret that is one and an id that is one', async () => {
    const url = 'http://127.0.0.1:1/';
    for (const webhook of [
      { url, secret: 'hush', event: EVENT },
      { url, secret: SECRET, event: { ...EVENT, id: 'a.b' } },
      { url, secret: SECRET, event: { ...EVENT, id: 'a\r\nb: c' } },
    ]) {
      await expect(sendWebhook(webhook, settings(), never)).rejects.toMatchObject({
        code: 'WEBHOOK_REFUSED',
        message: expect.not.stringContaining('hush'),
      });
    }
  });
});

function settings(changes: Partial<Config['notify']> = {}): Config {
  const base = config.parse(defaults);
  const open = { allowHttp: true, allowedNetworks: '127.0.0.0/8', timeoutMs: 5000 };
  return { ...base, notify: { ...base.notify, ...open, ...changes } };
}

interface Heard {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function startReceiver(answer: (response: ServerResponse) => void, certificate?: { key: string; cert: string }) {
  const heard: Heard[] = [];
  const listen = (request: IncomingMessage, response: ServerResponse) => {
    const { method, url: path, headers } = request;
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      heard.push({ method, path, headers, body });
      answer(response);
    });
  };
  const server = certificate ? createSecureServer(certificate, listen) : createServer(listen);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, heard };
}
