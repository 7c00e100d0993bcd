import { type Logger, pino } from 'pino';

/** A structured logger. Keys, prompts, vouchers and signatures are never passed to it. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** A logger named after its process, one JSON object a line on stderr; level from `AGORAI_LOG` (default `info`). */
export function createLog(name: string): Logger {
  return pino(
    { name, level: process.env.AGORAI_LOG ?? 'info', base: { name } },
    pino.destination({ fd: 2, sync: true }),
  );
}
