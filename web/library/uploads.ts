import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { DetailedError, HttpResponse, Upload as TusUpload } from 'tus-js-client';
import { fileSize } from '../../src/render/format.ts';
import { RequestError as Refusal, type RequestError, readProblem, requestJson } from '../api/request.ts';

/** A file on its way to the server. */
export interface Upload {
  readonly key: string;
  readonly name: string;
  readonly bytes: number;
  readonly sent: Signal<number>;
  readonly state: Signal<UploadState>;
}

export type UploadState =
  | { readonly kind: 'queued' | 'sending' | 'paused' | 'again' }
  | { readonly kind: 'refused'; readonly error: RequestError }
  /** All bytes are there, and the server has made it a video. */
  | { readonly kind: 'sent'; readonly video: string };

export interface Uploads {
  /** Newest first. */
  readonly list: ReadonlySignal<readonly Upload[]>;
  readonly add: (files: Iterable<File>) => void;
  readonly pause: (upload: Upload) => void;
  readonly resume: (upload: Upload) => void;
  /** Stops it, and forgets it here and there. */
  readonly drop: (upload: Upload) => void;
}

const AT_A_TIME = 2;
const ENDPOINT = '/v1/uploads';
const VIDEO_HEADER = 'Framescribe-Video';
/** After a lost connection; counted anew whenever bytes got through. */
const RETRY_DELAYS_MS = [0, 500, 1000, 2000, 4000, 8000, 15_000, 30_000, 30_000, 30_000];

/**
 * Sends files by tus: what was interrupted goes on where it stopped, also after the page was closed, when the same file is
 * added again.
 *
 * @param maxBytes what the server takes, null where it says nothing
 */
export function createUploads(maxBytes: () => number | null): Uploads {
  const list = signal<readonly Upload[]>([]);
  const senders = new Map<string, Promise<TusUpload>>();
  let count = 0;

  const add = (files: Iterable<File>) => {
    const added = [...files].map((file) => {
      const upload = { key: `u${++count}`, name: file.name, bytes: file.size, sent: signal(0), state: signal(QUEUED) };
      const refusal = refusalOf(file, maxBytes());
      if (refusal) upload.state.value = { kind: 'refused', error: refusal };
      else senders.set(upload.key, prepare(file, upload, finish));
      return upload;
    });
    list.value = [...added.reverse(), ...list.value];
    sendNext();
  };
  const finish = (upload: Upload, state: UploadState) => {
    upload.state.value = state;
    if (state.kind === 'sent') senders.delete(upload.key);
    sendNext();
  };
  const sendNext = () => {
    const busy = list.value.filter(
      ({ state }) => state.value.kind === 'sending' || state.value.kind === 'again',
    ).length;
    const waiting = list.value.filter(({ state }) => state.value.kind === 'queued').reverse();
    for (const upload of waiting.slice(0, Math.max(AT_A_TIME - busy, 0))) {
      upload.state.value = { kind: 'sending' };
      void senders.get(upload.key)?.then((sender) => {
        if (upload.state.value.kind === 'sending') sender.start();
      });
    }
  };
  const pause = (upload: Upload) => {
    upload.state.value = { kind: 'paused' };
    void senders.get(upload.key)?.then((sender) => sender.abort());
    sendNext();
  };
  const resume = (upload: Upload) => {
    upload.state.value = QUEUED;
    sendNext();
  };
  const drop = (upload: Upload) => {
    const sender = senders.get(upload.key);
    senders.delete(upload.key);
    list.value = list.value.filter((one) => one !== upload);
    // Where it can't be told, the server forgets it in a day by itself.
    if (upload.state.value.kind !== 'sent') void sender?.then((one) => one.abort(true)).catch(() => {});
    sendNext();
  };
  return { list, add, pause, resume, drop };
}

const QUEUED: UploadState = { kind: 'queued' };

async function prepare(file: File, upload: Upload, finish: (upload: Upload, state: UploadState) => void) {
  // Nobody needs this code before the first upload.
  const { Upload: Sender } = await import('tus-js-client');
  const sender: TusUpload = new Sender(file, {
    endpoint: ENDPOINT,
    metadata: { filename: file.name, filetype: file.type, options: JSON.stringify({ attention: true }) },
    retryDelays: RETRY_DELAYS_MS,
    removeFingerprintOnSuccess: true,
    onProgress: (sent) => {
      upload.sent.value = sent;
      if (upload.state.value.kind === 'again') upload.state.value = { kind: 'sending' };
    },
    onShouldRetry: (error) => {
      const again = isPassing(error);
      if (again && upload.state.value.kind === 'sending') upload.state.value = { kind: 'again' };
      return again;
    },
    onSuccess: ({ lastResponse }) => {
      videoOf(lastResponse, sender.url).then(
        (video) => finish(upload, { kind: 'sent', video }),
        (error: RequestError) => finish(upload, { kind: 'refused', error }),
      );
    },
    onError: (error) => finish(upload, { kind: 'refused', error: toRefusal(error) }),
  });
  const [previous] = await sender.findPreviousUploads();
  if (previous) sender.resumeFromPreviousUpload(previous);
  return sender;
}

/** What the server made of the file; where its answer was lost, it tells again. */
async function videoOf(response: HttpResponse, url: string | null): Promise<string> {
  const named = response.getHeader(VIDEO_HEADER);
  if (named) return named;
  const { video } = await requestJson<{ video: string | null }>(url ?? ENDPOINT);
  if (video !== null) return video;
  throw new Refusal({
    code: 'UPLOAD',
    status: 0,
    detail: 'The server has the file, but no video of it.',
    advice: 'Add it again.',
  });
}

/** No answer, or one that says that it's the server's trouble, or that others were faster: it may work in a moment. */
function isPassing({ originalResponse }: DetailedError): boolean {
  const status = originalResponse?.getStatus() ?? 0;
  return status === 0 || status === 409 || status === 423 || status === 429 || (status >= 500 && status !== 507);
}

function refusalOf(file: File, maxBytes: number | null): RequestError | null {
  if (file.size === 0) {
    return new Refusal({
      code: 'SOURCE_EMPTY',
      status: 0,
      detail: 'The file has no bytes.',
      advice: 'Choose the video itself; a folder can’t be uploaded.',
    });
  }
  if (maxBytes === null || file.size <= maxBytes) return null;
  return new Refusal({
    code: 'UPLOAD_TOO_LARGE',
    status: 413,
    detail: `Expected at most ${fileSize(maxBytes)}, got ${fileSize(file.size)}.`,
    advice: 'Cut the file, or ask for a larger limit.',
  });
}

function toRefusal(error: Error | DetailedError): RequestError {
  const response = 'originalResponse' in error ? error.originalResponse : null;
  if (response) return readProblem(response.getStatus(), response.getBody());
  return new Refusal({
    code: 'UNREACHABLE',
    status: 0,
    detail: 'The connection was lost, and didn’t come back.',
    advice: 'Try again: it goes on where it stopped.',
  });
}
