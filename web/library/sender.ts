import type { DetailedError, HttpResponse, Upload as TusUpload } from 'tus-js-client';
import { RequestError, readProblem, requestJson } from '../api/request.ts';
import { fingerprintOf, keptUploads } from './kept-uploads.ts';

/** What a sender tells while it sends. */
export interface Hearer {
  readonly onSent: (bytes: number) => void;
  /** The connection is lost, and it tries again by itself. */
  readonly onAgain: () => void;
  readonly onDone: (video: string) => void;
  readonly onRefused: (error: RequestError) => void;
}

/** There was no connection for so long that nobody tries any more. */
export const CUT_OFF = {
  code: 'UNREACHABLE',
  status: 0,
  detail: 'The connection was lost, and didn’t come back.',
  advice: 'It goes on where it stopped as soon as there is one.',
} as const;

const ENDPOINT = '/v1/uploads';
const VIDEO_HEADER = 'Framescribe-Video';
/** After a lost connection; counted anew whenever bytes got through. */
const RETRY_DELAYS_MS = [0, 500, 1000, 2000, 4000, 8000, 15_000, 30_000, 30_000, 30_000];

/** Nobody needs this code before the first upload, but then there may be no connection to get it by. */
export const loadTus = () => import('tus-js-client');

/** Makes what sends a file by tus: from where an earlier one stopped, should this browser remember one. */
export async function openSender(file: File, { onSent, onAgain, onDone, onRefused }: Hearer): Promise<TusUpload> {
  const { Upload } = await loadTus();
  const sender: TusUpload = new Upload(file, {
    endpoint: ENDPOINT,
    metadata: { filename: file.name, filetype: file.type, options: JSON.stringify({ attention: true }) },
    retryDelays: RETRY_DELAYS_MS,
    fingerprint: async (one) => fingerprintOf(one),
    urlStorage: keptUploads,
    removeFingerprintOnSuccess: true,
    onProgress: onSent,
    onShouldRetry: (error) => {
      const again = isPassing(error);
      if (again) onAgain();
      return again;
    },
    onSuccess: ({ lastResponse }) => {
      videoOf(lastResponse, sender.url).then(onDone, onRefused);
    },
    onError: (error) => onRefused(toRefusal(error)),
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
  throw new RequestError({
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

function toRefusal(error: Error | DetailedError): RequestError {
  const response = 'originalResponse' in error ? error.originalResponse : null;
  if (response) return readProblem(response.getStatus(), response.getBody());
  return new RequestError(CUT_OFF);
}
