import type { IncomingMessage } from 'node:http';
import { type ErrorCode, FramescribeError } from '../domain/errors.ts';
import { openRequest, plainUrl, type Way } from '../network/request.ts';
import { type Opened, type Position, type Remote, rangeHeader } from './remote.ts';
import { percentDecoded } from './source-reference.ts';

const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
const PASSING = [408, 425, 429];

/** A file on a web server. Each redirect is checked as the first URL was; a user name and password stay with their host. */
export function webSource(url: URL, way: Way): Remote {
  const open = async (from: Position | null, signal: AbortSignal): Promise<Opened> => {
    const response = await follow(url, headersFor(from), signal, way);
    try {
      const isPart = response.statusCode === 206 || response.statusCode === 416;
      if (from !== null && isPart && !continues(response, from)) {
        response.destroy();
        return await open(null, signal);
      }
      return whatCame(url, response, from);
    } catch (error) {
      response.destroy();
      throw error;
    }
  };
  return { label: plainUrl(url), open };
}

async function follow(
  first: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  way: Way,
): Promise<IncomingMessage> {
  let url = first;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const credentials = url.origin === first.origin ? credentialsOf(first) : {};
    const response = await openRequest(url, { method: 'GET', headers: { ...headers, ...credentials }, signal }, way);
    const { statusCode = 0, headers: answer } = response;
    if (!REDIRECTS.includes(statusCode)) return response;
    response.destroy();
    const location = answer.location ?? '';
    if (location === '' || !URL.canParse(location, url.href)) {
      throw new FramescribeError('SOURCE_UNREADABLE', `Expected a redirect of ${plainUrl(first)} to a URL, got none`);
    }
    url = new URL(location, url);
  }
  throw new FramescribeError(
    'SOURCE_UNREADABLE',
    `Expected at most ${MOST_REDIRECTS} redirects, got more from ${plainUrl(first)}`,
  );
}

function headersFor(from: Position | null): Record<string, string> {
  const headers = { accept: '*/*', 'accept-encoding': 'identity' };
  return from === null ? headers : { ...headers, range: rangeHeader(from), 'if-range': from.revision };
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${percentDecoded(username)}:${percentDecoded(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** Whether an answer goes on at a position in the same revision. */
function continues(response: IncomingMessage, from: Position): boolean {
  const revision = revisionOf(response);
  const isSame = revision === null || revision === from.revision;
  return response.statusCode === 206 && isSame && rangeOf(response)?.startBytes === from.bytes;
}

function whatCame(url: URL, response: IncomingMessage, from: Position | null): Opened {
  const { statusCode = 0, headers } = response;
  if (statusCode !== 200 && (statusCode !== 206 || from === null)) throw statusError(url, statusCode);
  const encoding = headers['content-encoding'] ?? 'identity';
  if (!['', 'identity', 'aws-chunked'].includes(encoding.toLowerCase())) {
    const got = JSON.stringify(encoding.slice(0, 40));
    throw new FramescribeError('SOURCE_UNREADABLE', `Expected the bytes of ${plainUrl(url)} as they are, got ${got}`);
  }
  const length = headers['content-length'];
  if (length === undefined && headers['transfer-encoding'] === undefined) {
    const why = 'without which an end looks like a lost connection';
    throw new FramescribeError('SOURCE_UNREADABLE', `Expected a length from ${plainUrl(url)}, got none, ${why}`);
  }
  const range = statusCode === 206 ? rangeOf(response) : null;
  return {
    startBytes: range?.startBytes ?? 0,
    totalBytes: range ? range.totalBytes : length === undefined ? null : Number(length),
    revision: statusCode === 206 ? (from?.revision ?? null) : revisionOf(response),
    body: response,
  };
}

function statusError(url: URL, status: number): FramescribeError {
  const code: ErrorCode =
    status === 404 || status === 410
      ? 'SOURCE_NOT_FOUND'
      : status >= 500 || PASSING.includes(status)
        ? 'SOURCE_UNREACHABLE'
        : 'SOURCE_UNREADABLE';
  return new FramescribeError(code, `Expected a file at ${plainUrl(url)}, got status ${status}`);
}

function rangeOf(response: IncomingMessage): { startBytes: number; totalBytes: number | null } | null {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers['content-range'] ?? '') ?? [];
  if (start === undefined) return null;
  return { startBytes: Number(start), totalBytes: total === '*' ? null : Number(total) };
}

/** A strong ETag, or a date old enough to be strong (RFC 9110, 8.8.2.2): what If-Range takes. */
function revisionOf({ headers }: IncomingMessage): string | null {
  const { etag, date, 'last-modified': modified } = headers;
  if (etag !== undefined) return /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag) ? etag : null;
  const ageMs = Date.parse(date ?? '') - Date.parse(modified ?? '');
  return modified !== undefined && ageMs >= 60_000 ? modified : null;
}
