import { ProblemError } from './Problem.ts';

/** Reads a body of at most `limit` bytes, whatever its headers say. */
export async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  const tooLarge = new ProblemError(413, `A request body has at most ${limit} bytes.`, {
    code: 'request.too_large',
  });
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > limit) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
