/** Runs one command: reads the arguments, does the work, prints the result or the failure, gives the exit code. */
import { Command, CommanderError, Option } from 'commander';
import * as Amount from '../internal/Amount.ts';
import { BaseError } from '../internal/Errors.ts';
import * as Json from '../internal/Json.ts';
import * as Failure from './Failure.ts';
import { findHome } from './findHome.ts';
import { type Context, type Options, optionsOf, type Result, type Verb } from './Verb.ts';
import { groups, verbs } from './verbs.ts';

/** Runs the command line. */
export async function run(argv: readonly string[]): Promise<number> {
  const call: Call = { argv, json: argv.includes('--json'), emitted: false };
  const complaints: string[] = [];
  try {
    await createProgram(call, complaints).parseAsync(argv, { from: 'user' });
    return Failure.exits.ok;
  } catch (error) {
    if (!(error instanceof CommanderError)) return fail(error, call);
    if (error.exitCode === 0) return Failure.exits.ok;
    return complain(error, complaints.join('').trim(), call);
  }
}

/** One call of the command line. */
type Call = {
  readonly argv: readonly string[];
  readonly json: boolean;
  /** Whether standard output has its value. */
  emitted: boolean;
};

/** Tells what the parser did not understand. Where a verb is missing, the list of verbs is the answer. */
function complain({ code, message }: CommanderError, complaint: string, call: Call): number {
  const words = call.argv.filter((word) => !word.startsWith('-'));
  const known = verbs.flatMap(({ name }) => [name, ...name.split(' ').slice(0, -1)]);
  const names = [words.slice(0, 2).join(' '), words[0]].filter((name) => known.includes(name ?? ''));
  const help = ['agorai', ...names.slice(0, 1), '--help'].join(' ');
  if (code !== 'commander.help') return fail(new UsageError(complaint || message, help), call);
  if (call.json) return fail(new UsageError('no verb was named', help), call);
  process.stderr.write(`${complaint}\n`);
  return Failure.exits.usage;
}

function createProgram(call: Call, complaints: string[]): Command {
  const program = new Command('agorai')
    .description('A marketplace for AI that nobody has to trust the operator of.')
    .version('0.1.0')
    .showSuggestionAfterError(true)
    .configureHelp({ helpWidth: 100 })
    .exitOverride()
    .configureOutput({ writeErr: (text) => void complaints.push(text), outputError: (text, write) => write(text) });
  for (const verb of verbs) addVerb(program, verb, call);
  return program;
}

function addVerb(program: Command, verb: Verb, call: Call): void {
  const words = verb.name.split(' ');
  const parent = words.slice(0, -1).reduce(groupOf, program);
  const command = parent
    .command([words.at(-1), verb.args].filter(Boolean).join(' '), { hidden: verb.hidden ?? false })
    .description(verb.summary)
    .copyInheritedSettings(program);
  for (const [flags, text] of optionsOf(verb)) command.addOption(new Option(flags, text));
  command.action(async (...all: unknown[]) => {
    const options = command.opts<Options>();
    const args = (all.slice(0, -2) as (string | string[] | undefined)[]).flat().filter((arg) => arg !== undefined);
    await perform(verb, args, options, call);
  });
}

/** The command that verbs of two words stand under, e.g. `audit` of `audit verify`. */
function groupOf(parent: Command, word: string): Command {
  const known = parent.commands.find((command) => command.name() === word);
  return (
    known ??
    parent
      .command(word)
      .description(groups[word] ?? '')
      .copyInheritedSettings(parent)
  );
}

async function perform(verb: Verb, args: readonly string[], options: Options, call: Call): Promise<void> {
  const { json } = call;
  const emit = (result: Result) => {
    call.emitted = true;
    process.stdout.write(`${json ? Json.stringify(result.value) : result.text}\n`);
  };
  const context: Context = {
    home: findHome({ folder: textOf(options.home), makes: verb.makesHome ?? false }),
    environment: process.env,
    rpcUrl: textOf(options.rpc) ?? process.env.AGORAI_RPC,
    json,
    spending: {
      dryRun: options.dryRun === true,
      explain: options.explain === true,
      yes: options.yes === true,
      maxSpend: typeof options.maxSpend === 'string' ? Amount.fromDollars(options.maxSpend) : undefined,
    },
    verbs,
    progress: (line) => void process.stderr.write(`${line}\n`),
    emit,
  };
  const onInterrupt = () => {
    fail(new InterruptedError(), call);
    process.exit(Failure.exits.interrupted);
  };
  if (!verb.stays) process.once('SIGINT', onInterrupt);
  const { run: work } = await verb.load();
  const result = await work(context, args, options);
  process.off('SIGINT', onInterrupt);
  if (result && !call.emitted) emit(result);
}

function textOf(option: string | boolean | undefined): string | undefined {
  return typeof option === 'string' ? option : undefined;
}

/** Standard output has one value at most: what fails after it was given is told on standard error. */
function fail(error: unknown, { argv, json, emitted }: Call): number {
  const failure = Failure.from(error, argv);
  if (json && !emitted) process.stdout.write(`${Json.stringify(Failure.toJson(failure))}\n`);
  else process.stderr.write(`${Failure.toText(failure)}\n`);
  if (process.env.AGORAI_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return Failure.exitOf(failure);
}

/** The command was not understood. */
export class UsageError extends BaseError {
  override readonly name = 'run.UsageError';
  constructor(complaint: string, help: string) {
    const [first = '', suggestion] = complaint.replace(/^error: /, '').split('\n');
    const meant = /Did you mean (.+\?)/.exec(suggestion ?? '')?.[0];
    super([`${first[0]?.toUpperCase()}${first.slice(1)}.`, ...(meant ? [meant] : [])].join(' '), {
      code: 'usage.invalid',
      hint: help,
    });
  }
}

/** Ctrl-C. What was sent to the chain stays sent; started again, a verb finds it. */
export class InterruptedError extends BaseError {
  override readonly name = 'run.InterruptedError';
  constructor() {
    super('Interrupted.', { code: 'interrupted', hint: 'Start the same again: it goes on where it ended.' });
  }
}
