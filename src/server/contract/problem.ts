import { z } from 'zod';
import { errorCode } from './video.ts';

/** What went wrong, as RFC 9457 has it, with the code of `docs/errors.md`. */
export const problem = z.strictObject({
  /** Where the code is explained. */
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  /** What was expected and what came. */
  detail: z.string(),
  code: errorCode,
  /** What to do. */
  advice: z.string(),
  /** Whether the same request may help later. */
  retryable: z.boolean(),
  /** Each part of the request that isn't as it should be. */
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
});

export type Problem = Readonly<z.infer<typeof problem>>;
