/** How a failure is told: one shape for people and programs, and the exit code that scripts go by. */
import { BaseError } from '../internal/Errors.ts';
import * as Text from '../internal/Text.ts';

/** A failure. */
export type Failure = {
  readonly code: string;
  readonly title: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly command: string | undefined;
  readonly docs: string | undefined;
};

/** Exit codes. */
export const exits = {
  ok: 0,
  failed: 1,
  usage: 2,
  payment: 3,
  refused: 4,
  network: 5,
  verification: 6,
  interrupted: 130,
} as const;

/** Beginnings of error codes and the exit code they mean; the longest that fits counts. */
const table: Readonly<Record<string, number>> = {
  'amount.': exits.usage,
  'request.invalid': exits.usage,
  'usage.': exits.usage,
  'license.duration': exits.usage,
  'license.unknown-right': exits.usage,
  'licence.required': exits.payment,
  'payment.insufficient': exits.payment,
  'payment.required': exits.payment,
  'chain.plain_http': exits.refused,
  'chain.practice_account': exits.refused,
  'chain.remote_local': exits.refused,
  'chain.rpc_url': exits.usage,
  'license.too-expensive': exits.refused,
  'payment.over_limit': exits.refused,
  'private_files.': exits.refused,
  'payment.deposit_limit': exits.refused,
  'spend.': exits.refused,
  'settler.not_allowed': exits.refused,
  'client.unreachable': exits.network,
  'chain.not_running': exits.network,
  'network.': exits.network,
  'addresses.foreign_chain': exits.verification,
  'audit.': exits.verification,
  'export.': exits.verification,
  'export.missing': exits.usage,
  'export.other': exits.usage,
  'ledger.behind': exits.verification,
  'doctor.': exits.verification,
  'deploy.other_code': exits.verification,
  'deploy.wrong_fact': exits.verification,
  'license.offer-mismatch': exits.verification,
  'payment.unbacked': exits.verification,
  'publish.bundle-mismatch': exits.verification,
  'publish.file-changed': exits.verification,
  'publish.manifest-root': exits.verification,
  'receipt.': exits.verification,
  'weights.': exits.verification,
  interrupted: exits.interrupted,
};

/**
 * What a failure of any kind is to a reader. Text that came from elsewhere is made safe to show. With the arguments of
 * the failed command, a hint that adds options to it becomes the whole command.
 */
export function from(error: unknown, argv: readonly string[] = []): Failure {
  if (!(error instanceof BaseError)) return fromForeign(error);
  const { shortMessage, hint, docsPath } = error;
  const after = error.message.slice(shortMessage.length);
  const detail = (hint !== undefined && after.endsWith(hint) ? after.slice(0, -hint.length) : after).trim();
  return {
    code: Text.plain(error.code),
    title: Text.plain(shortMessage, 500),
    detail: detail === '' ? undefined : Text.plainLines(detail),
    hint: hint && Text.plain(hint, 500),
    command: commandOf(hint, argv),
    docs: pageOf(docsPath ?? (hint === undefined ? 'errors.md' : undefined)),
  };
}

/** The exit code of a failure. */
export function exitOf({ code }: Pick<Failure, 'code'>): number {
  const fitting = Object.keys(table).filter((beginning) => code.startsWith(beginning));
  const [longest] = fitting.sort((a, b) => b.length - a.length);
  return longest === undefined ? exits.failed : (table[longest] ?? exits.failed);
}

/** The failure for programs: every field is there, `null` where there is nothing to say. */
export function toJson({ code, title, detail, hint, command, docs }: Failure) {
  const optional = { detail: detail ?? null, hint: hint ?? null, command: command ?? null, docs: docs ?? null };
  return { error: { code, title, ...optional } };
}

/** The failure in words, for a terminal. */
export function toText({ code, title, detail, hint, docs }: Failure): string {
  const indent = ' '.repeat(7);
  return [
    `error  ${code}  ${title}`,
    ...(detail === undefined ? [] : detail.split('\n').map((line) => `${indent}${line}`)),
    ...(hint === undefined ? [] : [`${indent}fix  ${hint}`]),
    ...(docs === undefined ? [] : [`${indent}docs ${docs}`]),
  ].join('\n');
}

/** An error that no module of ours made: a dead connection, or a fault in the program. */
function fromForeign(error: unknown): Failure {
  const messages = chain(error);
  const isNetwork = messages.some((message) => networkSigns.test(message));
  return {
    code: isNetwork ? 'network.unreachable' : 'internal',
    title: isNetwork ? 'The other side does not answer.' : Text.plain(messages[0] ?? 'Unknown failure.', 500),
    detail: isNetwork ? Text.plain(messages.at(-1) ?? '', 500) : undefined,
    hint: isNetwork ? 'Check that it runs: agorai up' : undefined,
    command: isNetwork ? 'agorai up' : undefined,
    docs: undefined,
  };
}

const networkSigns = /fetch failed|ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|HTTP request failed|socket hang up/;

function chain(error: unknown): readonly string[] {
  const messages: string[] = [];
  for (let current = error; current !== undefined && messages.length < 8; ) {
    messages.push(current instanceof Error ? current.message.split('\n')[0] || current.name : String(current));
    current = current instanceof Error ? current.cause : undefined;
  }
  return messages;
}

function pageOf(docsPath: string | undefined): string | undefined {
  return docsPath && (docsPath.startsWith('docs/') ? docsPath : `docs/${docsPath}`);
}

/** A hint often ends with the command that helps, or with options that the failed command lacks. */
function commandOf(hint: string | undefined, argv: readonly string[]): string | undefined {
  if (hint === undefined) return undefined;
  const whole = /\bagorai (?:[a-z]|--help)[^.;<]*(?:\.[0-9]+)?$/.exec(hint)?.[0];
  if (whole !== undefined) return Text.plain(whole, 500);
  const options = /(?:--[a-z-]+(?: [0-9.]+)? ?)+$/.exec(hint)?.[0];
  return options === undefined || argv.length === 0 ? undefined : ['agorai', ...argv.map(quote), options].join(' ');
}

function quote(argument: string): string {
  return /^[\w./:=@,+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
