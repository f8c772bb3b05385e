import { z } from 'zod';
import { scope } from '../../queue/tokens.ts';

export const login = z.strictObject({ token: z.string().min(1).max(200) });

/** Who asks, and what there is for them. */
export const sessionFacts = z.strictObject({
  /** False where nobody is asked for a token. */
  authentication: z.boolean(),
  /** Of the token. */
  name: z.string().nullable(),
  scopes: z.array(scope),
  /** Of Framescribe. */
  version: z.string(),
  /** Null where this server takes none. */
  uploads: z.strictObject({ maxBytes: z.int() }).nullable(),
});

export type SessionFacts = Readonly<z.infer<typeof sessionFacts>>;
