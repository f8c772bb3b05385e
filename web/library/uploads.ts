import { effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Upload as TusUpload } from 'tus-js-client';
import { fileSize } from '../../src/render/format.ts';
import type { UploadStatus } from '../../src/server/contract/index.ts';
import { connected } from '../api/live.ts';
import { RequestError, request, requestJson, toRequestError } from '../api/request.ts';
import { fingerprintOf, forgetKept, type KeptUpload, readKept } from './kept-uploads.ts';
import { CUT_OFF, openSender } from './sender.ts';

/** A file on its way to the server. */
export interface Upload {
  readonly key: string;
  readonly fingerprint: string;
  readonly name: string;
  readonly bytes: number;
  readonly sent: Signal<number>;
  readonly state: Signal<UploadState>;
}

export type UploadState =
  | { readonly kind: 'queued' | 'sending' | 'paused' | 'again' }
  /** Begun before the page was loaded: a page can't open a file again by itself. `mistaken` after another one was chosen. */
  | { readonly kind: 'away'; readonly url: string; readonly mistaken: boolean }
  | { readonly kind: 'refused'; readonly error: RequestError }
  /** All bytes are there, and the server has made it a video. */
  | { readonly kind: 'sent'; readonly video: string };

export interface Uploads {
  /** Newest first. */
  readonly list: ReadonlySignal<readonly Upload[]>;
  readonly add: (files: Iterable<File>) => void;
  /** Lists what was begun here before, and the server still has a part of. */
  readonly recall: () => void;
  /** Gives an upload that is away its file back. */
  readonly found: (upload: Upload, file: File) => void;
  readonly pause: (upload: Upload) => void;
  readonly resume: (upload: Upload) => void;
  /** Stops it, and forgets it here and there. */
  readonly drop: (upload: Upload) => void;
}

const AT_A_TIME = 2;
const QUEUED: UploadState = { kind: 'queued' };
const STOPPED: readonly UploadState['kind'][] = ['sent', 'refused'];

/**
 * Sends files by tus: what was interrupted goes on where it stopped, by itself once there is a connection again, and after
 * the page was closed once the same file is added or chosen.
 *
 * @param maxBytes what the server takes, null where it says nothing
 */
export function createUploads(maxBytes: () => number | null): Uploads {
  const list = signal<readonly Upload[]>([]);
  const files = new Map<string, File>();
  const senders = new Map<string, Promise<TusUpload>>();
  let count = 0;

  const make = (fingerprint: string, name: string, bytes: number, state: UploadState): Upload => {
    return { key: `u${++count}`, fingerprint, name, bytes, sent: signal(0), state: signal(state) };
  };
  const finish = (upload: Upload, state: UploadState) => {
    upload.state.value = state;
    if (state.kind === 'sent') forget(upload);
    sendNext();
  };
  const forget = ({ key }: Upload) => {
    files.delete(key);
    senders.delete(key);
  };
  const give = (upload: Upload, file: File) => {
    files.set(upload.key, file);
    upload.state.value = QUEUED;
  };
  const open = (upload: Upload, file: File) => {
    const { sent, state } = upload;
    return openSender(file, {
      onSent: (bytes) => {
        sent.value = bytes;
        if (state.value.kind === 'again') state.value = { kind: 'sending' };
      },
      onAgain: () => {
        if (state.value.kind === 'sending') state.value = { kind: 'again' };
      },
      onDone: (video) => finish(upload, { kind: 'sent', video }),
      onRefused: (error) => finish(upload, { kind: 'refused', error }),
    });
  };
  const send = async (upload: Upload, file: File) => {
    const { key, state } = upload;
    const opened = senders.get(key) ?? open(upload, file);
    senders.set(key, opened);
    try {
      const sender = await opened;
      if (state.value.kind === 'sending') sender.start();
    } catch {
      // What sends didn't arrive itself.
      senders.delete(key);
      finish(upload, { kind: 'refused', error: new RequestError(CUT_OFF) });
    }
  };
  const addOne = (file: File): readonly Upload[] => {
    const fingerprint = fingerprintOf(file);
    const known = list.value.find((one) => one.fingerprint === fingerprint && !STOPPED.includes(one.state.value.kind));
    if (known?.state.value.kind === 'away') give(known, file);
    if (known?.state.value.kind === 'paused') known.state.value = QUEUED;
    if (known) return [];
    const refusal = refusalOf(file, maxBytes());
    const upload = make(fingerprint, file.name, file.size, refusal ? { kind: 'refused', error: refusal } : QUEUED);
    if (!refusal) give(upload, file);
    return [upload];
  };
  const sendNext = () => {
    const busy = list.value.filter(({ state }) => ['sending', 'again'].includes(state.value.kind)).length;
    const waiting = list.value.filter(({ state }) => state.value.kind === 'queued').reverse();
    for (const upload of waiting.slice(0, Math.max(AT_A_TIME - busy, 0))) {
      upload.state.value = { kind: 'sending' };
      const file = files.get(upload.key);
      if (file) void send(upload, file);
    }
  };
  /** A connection is there again: nobody waits for the next try, or has to ask for one. */
  const goOn = () => {
    for (const { key, state } of list.value) {
      const { value } = state;
      const isCutOff = value.kind === 'again' || (value.kind === 'refused' && value.error.code === 'UNREACHABLE');
      if (!isCutOff) continue;
      state.value = QUEUED;
      void senders.get(key)?.then((sender) => sender.abort());
    }
    sendNext();
  };
  addEventListener('online', goOn);
  effect(() => {
    if (connected.value) setTimeout(goOn);
  });

  const recall = async ({ fingerprint, name, bytes, url }: KeptUpload) => {
    const status = await requestJson<UploadStatus>(url).catch((cause: unknown) => toRequestError(cause));
    // Whole, or given up meanwhile; where the server can't be asked, it's asked when the page is loaded again.
    if (status instanceof RequestError) return status.status === 404 && forgetKept(fingerprint);
    if (status.video !== null) return forgetKept(fingerprint);
    if (list.value.some((one) => one.fingerprint === fingerprint)) return;
    const upload = make(fingerprint, name, bytes, { kind: 'away', url, mistaken: false });
    upload.sent.value = status.offset;
    list.value = [...list.value, upload];
  };

  return {
    list,
    add: (files) => {
      list.value = [...[...files].flatMap(addOne).reverse(), ...list.value];
      sendNext();
    },
    recall: () => {
      for (const kept of readKept()) void recall(kept);
    },
    found: (upload, file) => {
      const { value } = upload.state;
      if (fingerprintOf(file) === upload.fingerprint) give(upload, file);
      else if (value.kind === 'away') upload.state.value = { ...value, mistaken: true };
      sendNext();
    },
    pause: (upload) => {
      upload.state.value = { kind: 'paused' };
      void senders.get(upload.key)?.then((sender) => sender.abort());
      sendNext();
    },
    resume: (upload) => {
      upload.state.value = QUEUED;
      sendNext();
    },
    drop: (upload) => {
      const { value } = upload.state;
      const sender = senders.get(upload.key);
      forget(upload);
      list.value = list.value.filter((one) => one !== upload);
      // Where it can't be told, the server forgets it in a day by itself.
      if (value.kind === 'away') void request(value.url, GIVE_UP).catch(() => {});
      else if (value.kind !== 'sent') void sender?.then((one) => one.abort(true)).catch(() => {});
      forgetKept(upload.fingerprint);
      sendNext();
    },
  };
}

const GIVE_UP = { method: 'DELETE', headers: { 'tus-resumable': '1.0.0' } } as const;

function refusalOf(file: File, maxBytes: number | null): RequestError | null {
  if (file.size === 0) {
    return new RequestError({
      code: 'SOURCE_EMPTY',
      status: 0,
      detail: 'The file has no bytes.',
      advice: 'Choose the video itself; a folder can’t be uploaded.',
    });
  }
  if (maxBytes === null || file.size <= maxBytes) return null;
  return new RequestError({
    code: 'UPLOAD_TOO_LARGE',
    status: 413,
    detail: `Expected at most ${fileSize(maxBytes)}, got ${fileSize(file.size)}.`,
    advice: 'Cut the file, or ask for a larger limit.',
  });
}
