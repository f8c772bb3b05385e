import { signal } from '@preact/signals';
import type { Problem } from '../../src/server/contract/index.ts';

/** What went wrong: a problem of the server's, or one that the page met itself, with a code of its own. */
type Trouble = Pick<Problem, 'status' | 'detail' | 'advice'> & { readonly code: string };

/** What the server, or the way to it, had against a request: in words for whoever looks at the page. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: string;
  readonly status: number;
  readonly advice: string;

  constructor({ code, status, detail, advice }: Trouble) {
    super(detail);
    this.code = code;
    this.status = status;
    this.advice = advice;
  }
}

/** Grows whenever the server asks who this is: a session may end while the page is open. */
export const turnedAway = signal(0);

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Asks the server; an answer that isn't a success is thrown.
 *
 * @throws {RequestError}
 */
export async function request(path: string, options: RequestOptions = {}): Promise<Response> {
  const { method = 'GET', body, headers = {}, signal } = options;
  const response = await fetch(path, {
    method,
    headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw new RequestError(UNREACHABLE);
  });
  if (response.status === 401) turnedAway.value += 1;
  if (!response.ok) throw readProblem(response.status, await response.text());
  return response;
}

export async function requestJson<T>(path: string, options?: RequestOptions): Promise<T> {
  return (await (await request(path, options)).json()) as T;
}

/** Reads an answer that says what went wrong; what isn't one of ours (a proxy's page, say) is told by its status. */
export function readProblem(status: number, body: string): RequestError {
  try {
    const { code, detail, advice } = JSON.parse(body) as Partial<Problem>;
    if (typeof code === 'string' && typeof detail === 'string') {
      return new RequestError({ code, status, detail, advice: typeof advice === 'string' ? advice : '' });
    }
  } catch {
    // No JSON: its status has to do.
  }
  return new RequestError({
    code: `HTTP_${status}`,
    status,
    detail: `The server answered with status ${status}.`,
    advice: 'Try again in a moment.',
  });
}

/** Any thrown value as something to show. */
export function toRequestError(cause: unknown): RequestError {
  if (cause instanceof RequestError) return cause;
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new RequestError({ code: 'PAGE', status: 0, detail, advice: 'Load the page again.' });
}

const UNREACHABLE = {
  code: 'UNREACHABLE',
  status: 0,
  detail: 'The server can’t be reached.',
  advice: 'See whether it runs, and your connection: the page goes on by itself once it’s back.',
} as const;
