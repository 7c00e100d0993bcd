import { access, type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as Addresses from '../../chain/Addresses.ts';
import { BaseError } from '../../internal/Errors.ts';
import { isSameAddress } from '../../internal/isSameAddress.ts';
import { ExistsError, writeFileAtomic } from '../../internal/node/files.ts';
import * as Export from './Export.ts';
import { readHeader } from './readExport.ts';

/** A file that is added to. */
export type Writer = {
  readonly file: string;
  /** Adds lines; resolves when they are on disk. */
  append(entries: readonly Export.Entry[]): Promise<void>;
};

/**
 * Opens a person's export to add to it, or begins one that only its owner can read. What was left of a line by a cut in
 * the middle of it is removed first. Several processes may add to one file: a line is written whole, and one that is
 * there twice says nothing new.
 */
export async function openExport(file: string, header: Omit<Export.Header, 'kind' | 'format'>): Promise<Writer> {
  const first: Export.Header = { kind: 'agorai-export', format: Export.format, ...header };
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await begin(file, Export.serialize(first));
  await using(file, async (handle) => {
    await handle.chmod(0o600);
    await mend(handle);
    if ((await handle.stat()).size === 0) await write(handle, [Export.serialize(first)]);
  });
  assertSame(await readHeader(file), first, file);
  let isCut = false;
  return {
    file,
    async append(entries) {
      if (entries.length === 0) return;
      await using(file, async (handle) => {
        if (isCut) await mend(handle);
        isCut = true;
        await write(handle, entries.map(Export.serialize));
        isCut = false;
      });
    },
  };
}

export declare namespace openExport {
  type ErrorType = OtherError | CutError | Export.InvalidError | Export.FormatError;
}

/** Makes the file with its first line, unless it is there: it never exists without one, whoever else begins it. */
async function begin(file: string, line: string): Promise<void> {
  const absent = await access(file).then(
    () => false,
    () => true,
  );
  if (!absent) return;
  await writeFileAtomic(file, line, { mode: 0o600, exclusive: true }).catch((error: unknown) => {
    if (!(error instanceof ExistsError)) throw error;
  });
}

async function using(file: string, work: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(file, 'a+', 0o600);
  try {
    await work(handle);
  } finally {
    await handle.close();
  }
}

/** Bytes of one call of the system: what it adds stays together, whoever else adds to the file. */
const mostBytes = 262_144;

async function write(handle: FileHandle, lines: readonly string[]): Promise<void> {
  for (let at = 0; at < lines.length; ) {
    let text = '';
    do text += lines[at++];
    while (at < lines.length && text.length + (lines[at] as string).length <= mostBytes);
    const bytes = Buffer.from(text);
    const { bytesWritten } = await handle.write(bytes);
    if (bytesWritten < bytes.length) throw new CutError();
  }
  await handle.datasync();
}

/** Longest line, in bytes. */
const longestLine = 65_536;

/** Cuts off a last line without an end. Another process may be in the middle of it, so it gets a moment to finish. */
async function mend(handle: FileHandle): Promise<void> {
  for (const patient of [true, false]) {
    const { size } = await handle.stat();
    const from = Math.max(0, size - longestLine);
    const buffer = Buffer.alloc(size - from);
    await handle.read(buffer, 0, buffer.length, from);
    const end = buffer.lastIndexOf(0x0a) + 1;
    if (end === buffer.length) return;
    if (!patient) return await handle.truncate(from + end);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function assertSame(found: Export.Header, expected: Export.Header, file: string): void {
  const same = isSameAddress(found.person, expected.person);
  if (!same || !Addresses.isSame(found.addresses, expected.addresses)) throw new OtherError(file);
}

/** A line was written in part, as on a full disk. The next opening removes the part. */
export class CutError extends BaseError {
  override readonly name = 'openExport.CutError';
  constructor() {
    super('Only a part could be added to the export.', {
      code: 'export.cut',
      docsPath: 'settle.md',
      hint: 'Make room on the disk and start again: what is missing is added then.',
    });
  }
}

/** The file is another person's, or about another deployment. */
export class OtherError extends BaseError {
  override readonly name = 'openExport.OtherError';
  constructor(file: string) {
    super(`The export ${file} is another person's, or about another deployment.`, {
      code: 'export.other',
      docsPath: 'settle.md',
      hint: 'Name another file with --to, or move this one away.',
    });
  }
}
