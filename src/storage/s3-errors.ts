import { FramescribeError } from '../domain/errors.ts';

/** What an S3 server, or the way to it, gave as the reason of a failure. */
interface Failure {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const CREDENTIAL_FAULTS = [
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'TokenRefreshRequired',
  'RequestTimeTooSkewed',
  'CredentialsProviderError',
  'TokenProviderError',
];
/** NoSuchKey: what a put was to replace is gone. A read has looked at that before. */
const CONFLICTS = ['NoSuchKey', 'PreconditionFailed', 'ConditionalRequestConflict'];
const NETWORK_FAULT = /^(E[A-Z]+|EAI_[A-Z]+|ERR_(TLS|SSL)_.+|CERT_.+|.*_CERT(IFICATE)?(_.+)?)$/;

/**
 * The failure of a request to S3 as an error of ours. Names and statuses only: what a server writes into its messages
 * may repeat what it was sent.
 *
 * @param what was wanted, such as "to read s3://bucket/key".
 */
export function s3Error(what: string, cause: unknown): FramescribeError {
  if (cause instanceof FramescribeError) return cause;
  const { name = '', code = '', message = '', $metadata } = cause as Failure;
  const status = $metadata?.httpStatusCode ?? 0;
  const tell = (ours: ConstructorParameters<typeof FramescribeError>[0], reason: string) =>
    new FramescribeError(ours, `Expected ${what}, got ${reason}`, { cause });
  const answer = `${status} ${name}`;

  if (name === 'AbortError') return new FramescribeError('CANCELLED', 'Stopped on request.', { cause });
  if (name === 'NoSuchBucket') return tell('BUCKET_NOT_FOUND', answer);
  if (CREDENTIAL_FAULTS.includes(name)) return tell('STORE_CREDENTIALS_INVALID', status === 0 ? name : answer);
  if (CONFLICTS.includes(name) || status === 412) return tell('RESULT_CONFLICT', answer);
  if (status === 401 || status === 403) return tell('STORE_ACCESS_DENIED', answer);
  // The SDK calls a lost connection a TimeoutError too.
  if (NETWORK_FAULT.test(code) && code !== 'ETIMEDOUT') return tell('STORE_UNREACHABLE', code);
  if (name === 'TimeoutError' || name.startsWith('RequestTimeout')) return tell('STORE_TIMEOUT', 'no answer in time');
  if (status === 429 || (status >= 500 && status !== 501) || name === 'SlowDown')
    return tell('STORE_UNREACHABLE', answer);
  if (status >= 300) return tell('STORE_REFUSED', answer);
  if (/^Region is missing/.test(message)) {
    return new FramescribeError('CONFIG_INVALID', 'Expected a region in storage.s3.region or AWS_REGION', { cause });
  }
  return FramescribeError.from(cause);
}
