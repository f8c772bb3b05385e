import type { Config } from '../domain/config.ts';
import { packageVersion } from '../pipeline/load-config.ts';

/** Traces this process, where the configuration asks for it; else OpenTelemetry isn't even loaded. */
export async function traceWhereAsked({ observe }: Config, service: string): Promise<AsyncDisposable> {
  if (!observe.tracing) return { [Symbol.asyncDispose]: async () => {} };
  const { startTracing } = await import('../observe/tracing.ts');
  return startTracing(service, packageVersion());
}
