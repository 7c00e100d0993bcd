/** What a verb of the command line is: how it is called, and what it gives back. */
import type { Home } from './Home.ts';

/** What a verb was asked for besides its own arguments. */
export type Context = {
  readonly home: Home;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Address of a node, instead of the local chain of the home. */
  readonly rpcUrl: string | undefined;
  /** Whether standard output carries one JSON value. */
  readonly json: boolean;
  readonly spending: Spending;
  /** Every verb, for those that tell about them. */
  readonly verbs: readonly Verb[];
  /** Tells a person how far the work is, on standard error. */
  progress(line: string): void;
  /** Gives the result now, for a verb that goes on running. */
  emit(result: Result): void;
};

/** How a person wants money to be spent. */
export type Spending = {
  readonly dryRun: boolean;
  readonly explain: boolean;
  readonly yes: boolean;
  /** Most atoms, undefined when nothing was said. */
  readonly maxSpend: bigint | undefined;
};

/** What a verb found or did: a value for programs and the same in words. */
export type Result = { readonly value: unknown; readonly text: string };

/** The options of one call, as the parser gives them. */
export type Options = Readonly<Record<string, string | boolean | undefined>>;

/** The work of a verb. What it returns is printed, unless it has emitted its result before. */
export type Run = (context: Context, args: readonly string[], options: Options) => Promise<Result | undefined>;

/** An option as it is declared. */
export type Option = readonly [flags: string, description: string];

/** A verb as the parser needs it. Its work is loaded when it is called, so that `--help` is quick. */
export type Verb = {
  readonly name: string;
  /** Arguments in the notation of the parser. */
  readonly args?: string;
  readonly summary: string;
  readonly options?: readonly Option[];
  /** Whether it moves money or sends transactions. */
  readonly spends?: boolean;
  /** Not listed in the help: started by other verbs. */
  readonly hidden?: boolean;
  /** Whether it runs until it is told to end, and ends in its own way when interrupted. */
  readonly stays?: boolean;
  /** Whether it makes the home when there is none. */
  readonly makesHome?: boolean;
  readonly load: () => Promise<{ readonly run: Run }>;
};

/** Options of every verb. */
const common: readonly Option[] = [
  ['--json', 'print one JSON value, also on failure'],
  ['--home <folder>', 'where keys and state are (default: $AGORAI_HOME, .agorai here, or ~/.agorai)'],
  ['--rpc <url>', 'the node to ask (default: $AGORAI_RPC, or the local chain)'],
];

/** Options of the verbs that spend. */
const spending: readonly Option[] = [
  ['--dry-run', 'say what would be done and stop'],
  ['--explain', 'say in words what is signed'],
  ['--yes', 'do not ask'],
  ['--max-spend <dollars>', 'most that may leave your account'],
];

/** Every option of a verb, its own first. */
export function optionsOf(verb: Verb): readonly Option[] {
  return [...(verb.options ?? []), ...(verb.spends ? spending : []), ...common];
}
