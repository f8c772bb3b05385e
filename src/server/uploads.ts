import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { requireSpace } from '../fetch/disk-space.ts';
import type { Log } from '../observe/log.ts';
import { resultName } from '../pipeline/source.ts';
import { jobOptions, labels, priority } from '../queue/jobs.ts';
import type { Producer } from '../queue/producer.ts';
import type { JobStatus } from '../queue/status.ts';
import type { UploadStatus } from './contract/index.ts';
import { PROBLEM_TYPE, problemOf, tell } from './problems.ts';

/** Files that come in pieces (https://tus.io/protocols/resumable-upload), and go to the workers when they are whole. */
export interface Uploads extends AsyncDisposable {
  readonly maxBytes: number;
  /** Where whole uploads lie: workers have to be allowed to read there. */
  readonly sources: string;
  /** Answers a request of the protocol. */
  handle(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /**
   * How far an upload is. A whole one that isn't submitted yet, as the queue was away, is submitted now.
   *
   * @throws {FramescribeError} UPLOAD_NOT_FOUND, QUEUE_UNAVAILABLE
   */
  status(id: string): Promise<UploadStatus>;
  /** Whether a job's source is an upload. */
  owns(source: string): boolean;
  /** Removes the file of a job whose source is an upload. */
  remove(source: string): Promise<void>;
}

export interface UploadContext {
  readonly producer: Producer;
  readonly onSubmitted: (job: JobStatus) => Promise<void>;
  readonly log: Log;
  /** Makes a message one for others. */
  readonly plain: (message: string) => string;
}

export const UPLOAD_ID = /^[0-9a-f]{32}$/;
export const UPLOADS_PATH = '/v1/uploads';
export const VIDEO_HEADER = 'Framescribe-Video';

const SWEEP_MS = 60_000;

/** What a client tells of a file. */
const metadata = z.object({
  filename: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^\p{Cc}]*$/u, 'Expected a name without control characters'),
  options: fromJson(jobOptions),
  labels: fromJson(labels),
  priority: priority.optional(),
});

/** What is known of a whole upload once it's submitted. */
const submitted = z.strictObject({ video: z.string() });

/**
 * Opens the folder of uploads, and looks after it until closed. Several servers may share it: the pieces of an upload go to
 * any of them, one after the other.
 *
 * @throws {FramescribeError} CONFIG_INVALID
 */
export async function openUploads(folder: string, config: Config, context: UploadContext): Promise<Uploads> {
  const { maxBytes, expireMs, keepMs } = config.server.uploads;
  const [parts, sources] = [join(folder, 'parts'), join(folder, 'sources')];
  for (const path of [parts, sources]) {
    await mkdir(path, { recursive: true }).catch((cause) => {
      throw new FramescribeError('CONFIG_INVALID', `Expected to write to server.uploads.folder: ${cause.message}`, {
        cause,
      });
    });
  }
  const store = new FileStore({ directory: parts, expirationPeriodInMilliseconds: expireMs });

  const recordOf = (id: string) => join(sources, `${id}.json`);
  const videoOf = async (id: string): Promise<string | null> => {
    const text = await readFile(recordOf(id), 'utf8').catch(() => null);
    return text === null ? null : submitted.parse(JSON.parse(text)).video;
  };

  /** Submits a whole upload, once or again: the same file is the same job. */
  const finish = async (id: string, raw: unknown): Promise<string> => {
    const known = await videoOf(id);
    if (known !== null) return known;
    const { filename, options, labels = {}, priority = 'upload' } = readMetadata(raw);
    const source = join(sources, id, safeName(filename));
    await mkdir(dirname(source), { recursive: true });
    // The part itself stays for a client that hasn't heard of its end, and is forgotten like any other.
    await link(join(parts, id), source).catch(unlessThere);
    const named = { name: filename, ...labels };
    const job = await context.producer.describe({ source, options: options ?? {}, labels: named, priority });
    await writeFile(`${recordOf(id)}.new`, JSON.stringify({ video: job.id } satisfies z.infer<typeof submitted>));
    await rename(`${recordOf(id)}.new`, recordOf(id));
    await context.onSubmitted(job);
    return job.id;
  };

  const tus = new Server({
    path: UPLOADS_PATH,
    relativeLocation: true,
    datastore: store,
    maxSize: maxBytes,
    allowedOrigins: [],
    disableTerminationForFinishedUploads: true,
    onUploadCreate: async (_, { size = 0, metadata: raw }) => {
      readMetadata(raw);
      await requireSpace(parts, size, config.temp.keepFreeBytes);
      return {};
    },
    onUploadFinish: async (_, { id, metadata: raw }) => ({ headers: { [VIDEO_HEADER]: await finish(id, raw) } }),
    onResponseError: (_, error) => (error instanceof Error ? answerTo(error, context.plain) : undefined),
  });
  const write = tus.write.bind(tus);
  tus.write = (context, headers, status, body = '') => {
    if (status < 400) return write(context, headers, status, body);
    headers.set('content-type', PROBLEM_TYPE);
    return write(context, headers, status, problemText(status, body));
  };

  const status = async (id: string): Promise<UploadStatus> => {
    const upload = await store.getUpload(id).catch(() => null);
    const known = await videoOf(id);
    if (upload === null) {
      if (known === null) throw new FramescribeError('UPLOAD_NOT_FOUND', 'Expected an upload that is known');
      const bytes = await bytesIn(join(sources, id));
      return { id, bytes, offset: bytes, video: known };
    }
    const { size = null, offset } = upload;
    const video = known ?? (size !== null && offset === size ? await finish(id, upload.metadata) : null);
    return { id, bytes: size, offset, video };
  };

  const sweep = async () => {
    await tus.cleanUpExpiredUploads();
    const now = Date.now();
    for (const file of await readdir(parts)) {
      if (UPLOAD_ID.test(file)) await status(file);
    }
    if (keepMs === 0) return;
    for (const file of await readdir(sources)) {
      const { mtimeMs } = await stat(join(sources, file));
      if (UPLOAD_ID.test(file) && now - mtimeMs > keepMs) await rm(join(sources, file), { recursive: true });
    }
  };
  const timer = setInterval(() => {
    sweep().catch((error) => {
      const { code, message } = FramescribeError.from(error);
      context.log.warn({ event: 'uploads', code }, `uploads could not be looked through: ${message}`);
    });
  }, SWEEP_MS).unref();

  const owns = (source: string) => source.startsWith(sources + sep);
  return {
    maxBytes,
    sources,
    status,
    owns,
    handle: async (request, reply) => {
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) reply.raw.setHeader(name, value);
      }
      reply.hijack();
      await tus.handle(request.raw, reply.raw);
    },
    remove: async (source) => {
      const id = owns(source) ? (source.slice(sources.length + 1).split(sep)[0] ?? '') : '';
      if (!UPLOAD_ID.test(id)) return;
      await rm(join(sources, id), { recursive: true, force: true });
      await rm(recordOf(id), { force: true });
      await store.remove(id).catch(() => {});
    },
    [Symbol.asyncDispose]: async () => clearInterval(timer),
  };
}

function answerTo(error: Error, plain: (message: string) => string): { status_code: number; body: string } {
  const problem = problemOf(error);
  return { status_code: problem.status, body: JSON.stringify({ ...problem, detail: plain(problem.detail) }) };
}

/** Errors of the protocol keep their status, which clients know, and get a code of ours. */
function problemText(status: number, body: string): string {
  if (body.startsWith('{')) return body;
  const isGone = status === 404 || status === 410;
  const code = isGone ? 'UPLOAD_NOT_FOUND' : status === 413 ? 'UPLOAD_TOO_LARGE' : 'REQUEST_INVALID';
  return JSON.stringify({ ...tell(code, body.trim()), status });
}

/** @throws {FramescribeError} REQUEST_INVALID */
function readMetadata(raw: unknown): z.output<typeof metadata> {
  const parsed = metadata.safeParse(raw ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new FramescribeError('REQUEST_INVALID', `Expected Upload-Metadata with a filename, but ${problems.join('; ')}`);
}

function fromJson<Schema extends z.ZodType>(schema: Schema) {
  const json = z.string().transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'Expected JSON' });
      return z.NEVER;
    }
  });
  return json.pipe(schema).optional();
}

/** A name of ours, with an extension that is harmless. */
function safeName(filename: string): string {
  const [extension = ''] = /\.[A-Za-z0-9]{1,5}$/.exec(filename) ?? [];
  return resultName(filename.replace(/[/\\]/g, '-')) + extension.toLowerCase();
}

async function bytesIn(folder: string): Promise<number> {
  const [file] = await readdir(folder).catch(() => []);
  return file === undefined ? 0 : (await stat(join(folder, file))).size;
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
