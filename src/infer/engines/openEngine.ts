/** Opens the local engine of a model folder. */
import { BaseError } from '../../internal/Errors.ts';
import * as Card from '../../publish/Card.ts';
import * as Manifest from '../../publish/Manifest.ts';
import type { Folder } from '../../publish/readFolder.ts';
import type { Engine } from '../Engine.ts';
import { openCompletions } from './completions.ts';
import { openDataset } from './dataset.ts';
import { openDigits } from './digits.ts';
import { openEmbeddings } from './embeddings.ts';
import { openModeration } from './moderation.ts';
import { openOcr } from './ocr.ts';
import * as Remote from './remote.ts';
import { openTabular } from './tabular.ts';
import { openMcpTool, openOperation } from './tool.ts';
import type { Upstream } from './Upstream.ts';

type Open = (folder: Folder, upstream: Upstream | undefined) => Promise<Engine>;

/** Engines by the task of the card. A model whose weights are elsewhere has the same engine whatever its task. */
const ENGINES: Readonly<Record<string, Open>> = {
  'digit-classification': openDigits,
  'dataset-rows': openDataset,
  'image-moderation': openModeration,
  'mcp-tool': openMcpTool,
  'openapi-operation': openOperation,
  'tabular-classification': openTabular,
  'text-embedding': openEmbeddings,
  'text-generation': openCompletions,
  'text-recognition': openOcr,
};

/**
 * Checks every byte of `files` against the manifest and loads those bytes. The check and the engine work on a copy, so
 * what is loaded is what was checked whatever happens to the caller's arrays.
 *
 * @throws {Card.MalformedError} when the card is not valid.
 * @throws {UnknownTaskError} when no engine does what the card says.
 * @throws {openUpstream.MissingError} when the work is done elsewhere and `upstream` does not say where.
 * @throws {Manifest.ChangedFileError} when a byte differs from the manifest; names the file and both hashes.
 * @throws {Manifest.MissingFileError}, {Manifest.UnlistedFileError}, {Manifest.RootError} when the files are others.
 */
export async function openEngine({ manifest, files, upstream }: openEngine.Options): Promise<Engine> {
  const copies = new Map([...files].map(([path, content]) => [path, Uint8Array.from(content)] as const));
  await Manifest.verify(manifest, copies);

  const content = copies.get(Card.FILE);
  if (!content) throw new Manifest.MissingFileError(Card.FILE);
  const card = Card.parse(content);
  const open = card.format === Remote.FORMAT ? Remote.openRemote : taskOf(card.task);
  const engine = await open({ card, manifest, files: copies }, upstream);
  if (engine.route === card.route) return engine;
  await engine.close();
  throw new RouteError(card.route, engine.route);
}

export declare namespace openEngine {
  /** What `readFolder` returns; the card is taken from the files, where the manifest covers it. */
  type Options = Pick<Folder, 'manifest' | 'files'> & {
    /** The server that does the work, for a model, or a tool, that is elsewhere. */
    readonly upstream?: Upstream | undefined;
  };
}

function taskOf(task: string): Open {
  const open = Object.hasOwn(ENGINES, task) ? ENGINES[task] : undefined;
  if (!open) throw new UnknownTaskError(task);
  return open;
}

/** No local engine does this task. */
export class UnknownTaskError extends BaseError {
  override readonly name = 'openEngine.UnknownTaskError';
  constructor(task: string) {
    super(`There is no local engine for the task ${task}.`, {
      code: 'infer.unknown-task',
      docsPath: 'infer.md',
      metaMessages: [`tasks: ${Object.keys(ENGINES).join(', ')}`],
    });
  }
}

/** The card promises a route that the engine does not serve. */
export class RouteError extends BaseError {
  override readonly name = 'openEngine.RouteError';
  constructor(promised: string, served: string) {
    super(`The card names the route ${promised}, but its engine serves ${served}.`, {
      code: 'infer.route-mismatch',
      docsPath: 'infer.md',
    });
  }
}
