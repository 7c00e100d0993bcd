/** What a seller's configuration says about a server of its own choice: where it is and which key opens it. */
import * as z from 'zod';

/** An upstream in a configuration file. It is no part of the asset: buyers do not learn it. */
export const schema = z.strictObject({
  /** Base of its routes, e.g. `http://127.0.0.1:11434/v1`. */
  url: z.url({ protocol: /^https?$/ }).max(1_024),
  /** Origins that may be reached though they are not public, e.g. `http://127.0.0.1:11434`. */
  allow: z.array(z.string().max(300)).max(8).optional(),
  /** Where its key is: an environment variable, or a file that nobody else can read. */
  key: z
    .union([
      z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/) }),
      z.strictObject({ file: z.string().min(1).max(1_000) }),
    ])
    .optional(),
});

/** What {@link schema} gives. */
export type Upstream = z.infer<typeof schema>;
