/** Opens the engines of a model folder. */
import { BaseError } from '../../internal/Errors.ts';
import * as Card from '../../publish/Card.ts';
import * as Manifest from '../../publish/Manifest.ts';
import type { Folder } from '../../publish/readFolder.ts';
import type { Engine } from '../Engine.ts';
import * as Chat from './chat.ts';
import * as Completions from './completions.ts';
import { openDataset } from './dataset.ts';
import { openDigits } from './digits.ts';
import { openEmbeddings } from './embeddings.ts';
import { openModeration } from './moderation.ts';
import { openOcr } from './ocr.ts';
import { openLanguageModel } from './openLanguageModel.ts';
import * as Remote from './remote.ts';
import * as TextRoute from './TextRoute.ts';
import { openTabular } from './tabular.ts';
import { openMcpTool, openOperation } from './tool.ts';
import type { Upstream } from './Upstream.ts';

type Open = (folder: Folder, upstream: Upstream | undefined) => Promise<Engine | readonly Engine[]>;

/** Engines by the task of the card. A model whose weights are elsewhere has the same engine whatever its task. */
const ENGINES: Readonly<Record<string, Open>> = {
  'digit-classification': openDigits,
  'dataset-rows': openDataset,
  'image-moderation': openModeration,
  'mcp-tool': openMcpTool,
  'openapi-operation': openOperation,
  'tabular-classification': openTabular,
  'text-embedding': openEmbeddings,
  'text-generation': openTextGeneration,
  'text-recognition': openOcr,
};

/**
 * Opens the engine of the card's route. Errors are those of {@link openEngines}.
 */
export async function openEngine(options: openEngine.Options): Promise<Engine> {
  const [engine, ...others] = await openEngines(options);
  await closeAll(others);
  return engine;
}

/**
 * Checks every byte of `files` against the manifest and loads those bytes: an engine for each route that the model can
 * be asked on, that of the card first. The check and the engines work on a copy, so what is loaded is what was checked
 * whatever happens to the caller's arrays.
 *
 * @throws {Card.MalformedError} when the card is not valid.
 * @throws {UnknownTaskError} when no engine does what the card says.
 * @throws {RouteError} when none of its engines serves the route of the card.
 * @throws {openUpstream.MissingError} when the work is done elsewhere and `upstream` does not say where.
 * @throws {Manifest.ChangedFileError} when a byte differs from the manifest; names the file and both hashes.
 * @throws {Manifest.MissingFileError}, {Manifest.UnlistedFileError}, {Manifest.RootError} when the files are others.
 */
export async function openEngines({
  manifest,
  files,
  upstream,
}: openEngine.Options): Promise<readonly [Engine, ...Engine[]]> {
  const copies = new Map([...files].map(([path, content]) => [path, Uint8Array.from(content)] as const));
  await Manifest.verify(manifest, copies);

  const content = copies.get(Card.FILE);
  if (!content) throw new Manifest.MissingFileError(Card.FILE);
  const card = Card.parse(content);
  const open = card.format === Remote.FORMAT ? Remote.openRemote : taskOf(card.task);
  const engines = [await open({ card, manifest, files: copies }, upstream)].flat();
  const named = engines.find(({ route }) => route === card.route);
  if (named) return [named, ...engines.filter((engine) => engine !== named)];
  await closeAll(engines);
  throw new RouteError(
    card.route,
    engines.map(({ route }) => route),
  );
}

export declare namespace openEngine {
  /** What `readFolder` returns; the card is taken from the files, where the manifest covers it. */
  type Options = Pick<Folder, 'manifest' | 'files'> & {
    /** The server that does the work, for a model, or a tool, that is elsewhere. */
    readonly upstream?: Upstream | undefined;
  };
}

/** A language model answers both of OpenAI's routes for text, from one copy of its weights. */
async function openTextGeneration(folder: Folder): Promise<readonly Engine[]> {
  const model = openLanguageModel(folder);
  const { name } = folder.card;
  return [TextRoute.open(Completions.route, model, name), TextRoute.open(Chat.route, model, name)];
}

async function closeAll(engines: readonly Engine[]): Promise<void> {
  for (const engine of engines) await engine.close();
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
  constructor(promised: string, served: readonly string[]) {
    super(`The card names the route ${promised}, but its engine serves ${served.join(' and ')}.`, {
      code: 'infer.route-mismatch',
      docsPath: 'infer.md',
    });
  }
}
