/** Events as servers send them (HTML standard, section 9.2), as far as streams of answers use them. */

import { BaseError } from '../../internal/Errors.ts';

/** Most characters of a line. */
export const MAX_LINE = 1_048_576;

/**
 * The data of each event. A last event that no empty line ends is not one.
 *
 * @throws {LineError} when a line is too long.
 */
export async function* parse(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  for await (const chunk of body) {
    const text = decoder.decode(chunk, { stream: true });
    rest += text;
    if (rest.length > MAX_LINE + chunk.length) throw new LineError();
    // Looking at the new text alone keeps a long line in small pieces from being read again and again.
    if (!/[\r\n]/.test(text)) continue;
    // A carriage return at the end may be half of a line end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield data.join('\n');
        data = [];
      } else if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
      else if (line === 'data') data.push('');
    }
  }
}

/** A line is too long. */
export class LineError extends BaseError {
  override readonly name = 'ServerSentEvents.LineError';
  constructor() {
    super(`A line of events has more than ${MAX_LINE} characters.`, {
      code: 'upstream.malformed',
      docsPath: 'infer.md',
    });
  }
}
