import { BaseError } from '../../internal/Errors.ts';

/**
 * The one file whose path ends like that.
 *
 * @throws {FileCountError} when there is none, or more than one.
 */
export function takeFile(files: ReadonlyMap<string, Uint8Array>, ending: string): Uint8Array {
  const found = [...files].filter(([path]) => path.endsWith(ending));
  const [file] = found;
  if (file === undefined || found.length > 1) throw new FileCountError(ending, found.length);
  return file[1];
}

/** An engine needs exactly one such file. */
export class FileCountError extends BaseError {
  override readonly name = 'takeFile.FileCountError';
  constructor(ending: string, count: number) {
    super(`The model needs one file that ends in ${ending}, and has ${count}.`, { code: 'infer.file-count' });
  }
}
