import type { ServerResponse } from 'node:http';
import type { Heard } from '../services/answering-machine.ts';
import { VIDEO } from './fetching.ts';

export const ETAG = '"one"';

/** What is unusual about a server. */
export interface Quirks {
  readonly bytes?: Buffer;
  readonly etag?: string | null;
  /** After so many bytes of its body an answer breaks off. */
  readonly dropAfter?: () => number | null;
  readonly ignoreRange?: boolean;
  readonly refuseRange?: boolean;
  readonly shiftBytes?: number;
  /** Ranges come whatever `If-Range` says. */
  readonly ignoreCondition?: boolean;
  /** The most that a part has. */
  readonly mostBytes?: number;
}

/** A server that knows of ranges and revisions. */
export function serveRanges(quirks: Quirks = {}): (heard: Heard, response: ServerResponse) => void {
  const { bytes = VIDEO, etag = ETAG, dropAfter = () => null, shiftBytes = 0, mostBytes = bytes.length } = quirks;
  const { ignoreRange, refuseRange, ignoreCondition } = quirks;
  return ({ headers }, response) => {
    const wantsRest = headers.range !== undefined && !ignoreRange && (ignoreCondition || headers['if-range'] === etag);
    if (wantsRest && refuseRange) return void response.writeHead(416).end();
    const start = wantsRest ? startOf(headers) + shiftBytes : 0;
    const end = wantsRest ? Math.min(start + mostBytes, endOf(headers) ?? bytes.length) : undefined;
    const body = bytes.subarray(start, end);
    response.writeHead(wantsRest ? 206 : 200, {
      'content-length': body.length,
      ...(etag !== null && { etag }),
      ...(wantsRest && { 'content-range': `bytes ${start}-${start + body.length - 1}/${bytes.length}` }),
    });
    const drop = dropAfter();
    if (drop === null || drop >= body.length) response.end(body);
    else response.write(body.subarray(0, drop), () => response.destroy());
  };
}

/** The first byte that a request asks for. */
export function startOf(headers: Heard['headers'] | undefined): number {
  return Number(/^bytes=(\d+)-\d*$/.exec(headers?.range ?? '')?.[1]);
}

function endOf(headers: Heard['headers']): number | null {
  const [, last] = /^bytes=\d+-(\d+)$/.exec(headers.range ?? '') ?? [];
  return last === undefined ? null : Number(last) + 1;
}
