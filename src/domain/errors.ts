/** What a kind of failure means to whoever meets it. */
export interface ErrorKind {
  /** Whether trying again, with nothing changed, may help. */
  readonly retryable: boolean;
  /** Exit code of the command line: 2 usage or configuration, 3 a source without a result, 4 internal. */
  readonly exitCode: 2 | 3 | 4;
  readonly httpStatus: number;
  readonly advice: string;
}

/** Every failure that Framescribe tells of. `docs/errors.md` explains each, and a test holds the two together. */
export const ERROR_KINDS = {
  USAGE: usage('Read `framescribe --help`.'),
  CONFIG_INVALID: usage('Correct the named setting in config/ or in the environment.'),
  FFMPEG_MISSING: usage(
    'Install FFmpeg 5.1 or newer, or name them with FRAMESCRIBE_FFMPEG_PATH and FRAMESCRIBE_FFMPEG_FFPROBE_PATH.',
  ),
  BUNDLE_NOT_FOUND: usage('Name a bundle of `framescribe models list`, or a folder with a bundle.json.'),
  BUNDLE_INVALID: usage('Correct the bundle.json, or export the bundle again.'),
  CAPTIONS_INVALID: usage('Correct the file with the reference captions.'),
  BUNDLE_DAMAGED: usage('Fetch or export the bundle again: a file differs from its manifest.'),
  LIST_INVALID: usage('Give a list of sources: one a line, CSV with a column "source", or JSON lines.'),
  RUN_NOT_FOUND: usage('See `framescribe backfill list`; each store knows its own runs.'),
  BUCKET_NOT_FOUND: usage('Create the bucket, or name another.'),
  STORE_CREDENTIALS_INVALID: usage('Set valid AWS credentials (environment, profile or role), and the clock.'),
  STORE_ACCESS_DENIED: usage('Allow s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket there.'),

  SOURCE_NOT_FOUND: refusal(404, 'Check the path or URL.'),
  SOURCE_NOT_A_FILE: refusal(422, 'Name a video file, or a folder that holds some.'),
  SOURCE_UNREADABLE: refusal(
    403,
    'Give this user the right to read the file, or a URL that answers without questions.',
  ),
  SOURCE_UNSUPPORTED: refusal(422, 'Name a local file or folder; workers also take https:// and s3://bucket/key.'),
  SOURCE_REFUSED_ADDRESS: refusal(
    403,
    'Name an https:// source on the public internet, or allow it: fetch.allowHttp, fetch.allowedNetworks, fetch.folders, fetch.buckets.',
  ),
  SOURCE_UNREACHABLE: refusal(502, 'Look at the server of the source and the network: it may answer later.', true),
  SOURCE_EMPTY: refusal(422, 'The file has no bytes: upload it again.'),
  SOURCE_TOO_LARGE: refusal(413, 'Raise limits.maxBytes, or cut the file.'),
  SOURCE_CHANGED: refusal(409, 'The file changed while it was read: try again when it is whole.', true),
  NOT_A_VIDEO: refusal(415, 'The bytes are no video container that Framescribe opens.'),
  CONTAINER_DAMAGED: refusal(422, 'The header is broken or cut off: upload the file again.'),
  NO_VIDEO_STREAM: refusal(422, 'There is no picture in it: nothing to describe.'),
  CODEC_UNSUPPORTED: refusal(415, 'This FFmpeg has no decoder for it: convert the video.'),
  ENCRYPTED: refusal(422, 'Remove the encryption first.'),
  NO_FRAMES: refusal(422, 'No frame of it decodes: the data is damaged or missing.'),
  TOO_MANY_PIXELS: refusal(413, 'Raise limits.maxPixels, or scale the video down.'),
  TOO_LONG: refusal(413, 'Raise limits.maxDurationMs, or cut the video.'),
  DEADLINE_EXCEEDED: refusal(
    504,
    'Raise limits.deadlineMs or fetch.deadlineMs, or look at why the file takes so long.',
  ),
  JOB_NOT_FOUND: refusal(404, 'See `framescribe status`; submit the video again.'),
  RESULT_NOT_FOUND: refusal(
    404,
    'Name a folder, or s3://bucket/prefix/name, that holds a result.json and a manifest.json.',
  ),
  RESULT_INVALID: refusal(422, 'Describe the video again: the result does not hold together.'),
  VERSION_NOT_FOUND: refusal(
    404,
    'Name the model of one of the versions that `framescribe versions` lists, or its id.',
  ),
  EDITS_INVALID: refusal(422, 'Correct the edits: see docs/editing.md.'),

  REQUEST_INVALID: refusal(400, 'Correct what the message names: /docs tells what is expected.'),
  UNAUTHENTICATED: refusal(401, 'Send `Authorization: Bearer …` with a token of `framescribe token create`.'),
  FORBIDDEN: refusal(403, 'Use a token with the scope that the message names, from the same origin.'),
  ROUTE_NOT_FOUND: refusal(404, 'See /docs for what there is.'),
  VIDEO_NOT_FOUND: refusal(404, 'See the list of videos; submit it again.'),
  ARTIFACT_NOT_FOUND: refusal(404, 'See the list of artifacts of the video.'),
  UPLOAD_NOT_FOUND: refusal(404, 'Begin the upload anew: it was given up, or took too long.'),
  REQUEST_TIMEOUT: refusal(408, 'Send the request faster: its body came too slowly.', true),
  VIDEO_BUSY: refusal(409, 'It is being stopped: ask again in a moment.', true),
  BODY_TOO_LARGE: refusal(413, 'Send less, or raise server.maxBodyBytes.'),
  UPLOADS_OFF: refusal(404, 'Set server.uploads.folder to a folder that this server shares with the workers.'),
  UPLOAD_TOO_LARGE: refusal(413, 'Raise server.uploads.maxBytes, or cut the file.'),
  MEDIA_TYPE_UNSUPPORTED: refusal(415, 'Send application/json.'),
  RANGE_UNSATISFIABLE: refusal(416, 'Ask for bytes that the file has: Content-Range tells how many.'),
  IDEMPOTENCY_MISMATCH: refusal(422, 'Use another Idempotency-Key for another request.'),
  TOO_MANY_REQUESTS: refusal(429, 'Wait for as long as Retry-After says, or raise server.requestsPerMinute.', true),

  SEARCH_INDEX_UNUSABLE: usage('Make it anew with `framescribe search --rebuild`, or set another search.folder.'),

  OUTPUT_NOT_WRITABLE: internal('Choose another --out, or give this user the right to write there.'),
  RESULT_CONFLICT: passing(409, 'Another writer put a result there meanwhile: see whether it will do.'),
  EDIT_CONFLICT: passing(409, 'Somebody changed the result meanwhile: look at it as it is now, and correct that.'),
  RUN_BUSY: passing(409, 'Another process drives this run: see `framescribe backfill show`, or pause it first.'),
  STORE_UNREACHABLE: passing(503, 'Check storage.s3.endpoint and the network, or wait for the server.'),
  STORE_TIMEOUT: passing(504, 'Look at the server, or raise storage.s3.requestTimeoutMs.'),
  STORE_REFUSED: internal('Check the settings in storage.s3 (region, encryption, storage class) against the server.'),
  WEBHOOK_GONE: internal('The receiver wants no more events: forget its URL.'),
  WEBHOOK_REFUSED: internal('Correct the URL of the callback, its secret, or what its receiver accepts.'),
  WEBHOOK_UNREACHABLE: passing(502, 'Look at the receiver of the callback and the network: it may answer later.'),
  QUEUE_UNAVAILABLE: passing(503, 'Start Redis, or correct queue.redisUrl (FRAMESCRIBE_QUEUE_REDIS_URL or REDIS_URL).'),
  WORKER_LOST: internal(
    'Look at the log of the workers: memory, crashes, restarts. Then `framescribe retry` it.',
    true,
  ),
  SEGMENT_UNFIT: internal('Nothing: the video is scanned in one piece instead, which takes longer.'),
  DISK_FULL: passing(507, 'Free some space in the temporary or the output folder.'),
  FFMPEG_FAILED: internal(
    'Look at the last lines of FFmpeg in the message; report it if the file plays elsewhere.',
    true,
  ),
  PICTURE_UNREADABLE: internal('The picture of a keyframe is missing or damaged: describe the video again.', true),
  INFERENCE_FAILED: internal('Run `framescribe models verify` and `framescribe doctor`.', true),
  CANCELLED: internal('It was stopped on request: start it again when wanted.'),
  INTERNAL: internal('This is a fault of Framescribe: report it with the message.'),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_KINDS;

/**
 * The one error that leaves a public function of Framescribe.
 *
 * @example
 * throw new FramescribeError('SOURCE_EMPTY', 'Expected a video, got a file of 0 bytes: clip.mp4');
 */
export class FramescribeError extends Error {
  override readonly name = 'FramescribeError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get kind(): ErrorKind {
    return ERROR_KINDS[this.code];
  }

  /** Any thrown value as a FramescribeError: itself, a known system error, or INTERNAL. */
  static from(cause: unknown): FramescribeError {
    if (cause instanceof FramescribeError) return cause;
    const error = cause instanceof Error ? cause : new Error(String(cause));
    if (error.name === 'AbortError') return new FramescribeError('CANCELLED', 'Stopped on request.', { cause });
    const systemCode = (error as NodeJS.ErrnoException).code;
    if (systemCode === 'ENOSPC' || systemCode === 'EDQUOT') {
      return new FramescribeError('DISK_FULL', `No space left: ${error.message}`, { cause });
    }
    return new FramescribeError('INTERNAL', error.message, { cause });
  }
}

function usage(advice: string): ErrorKind {
  return { retryable: false, exitCode: 2, httpStatus: 400, advice };
}

function refusal(httpStatus: number, advice: string, retryable = false): ErrorKind {
  return { retryable, exitCode: 3, httpStatus, advice };
}

function internal(advice: string, retryable = false): ErrorKind {
  return { retryable, exitCode: 4, httpStatus: 500, advice };
}

function passing(httpStatus: number, advice: string): ErrorKind {
  return { retryable: true, exitCode: 4, httpStatus, advice };
}
