import { limits } from './Limits.ts';
import { ProblemError } from './Problem.ts';

/** Reads a body of at most `limits.bodyBytes`, whatever its headers say. */
export async function readBody(request: Request): Promise<Uint8Array> {
  const tooLarge = new ProblemError(413, `A request body has at most ${limits.bodyBytes} bytes.`, {
    code: 'request.too_large',
  });
  if (Number(request.headers.get('content-length') ?? 0) > limits.bodyBytes) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > limits.bodyBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
