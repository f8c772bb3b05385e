import { S3Client } from '@aws-sdk/client-s3';
import type { S3Settings } from '../domain/config.ts';

/** A client of the SDK that keeps to the settings. Opens nothing yet; credentials come from the SDK's usual chain. */
export function makeS3Client(settings: S3Settings): S3Client {
  // The version in use runs on every Node.js that Framescribe runs on; what later ones need is no news for its users.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const { endpoint, region, requestTimeoutMs, concurrency } = settings;
  return new S3Client({
    ...(endpoint !== '' && { endpoint }),
    ...(region !== '' && { region }),
    forcePathStyle: settings.forcePathStyle,
    requestChecksumCalculation: settings.requestChecksumCalculation,
    responseChecksumValidation: settings.responseChecksumValidation,
    maxAttempts: settings.maxAttempts,
    requestHandler: {
      connectionTimeout: Math.min(requestTimeoutMs, 5000),
      requestTimeout: requestTimeoutMs,
      // Between two pieces of an answer's body.
      socketTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      httpsAgent: { keepAlive: true, maxSockets: 2 * concurrency },
      httpAgent: { keepAlive: true, maxSockets: 2 * concurrency },
    },
  });
}
