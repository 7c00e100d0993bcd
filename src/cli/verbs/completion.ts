import { BaseError } from '../../internal/Errors.ts';
import * as Text from '../../internal/Text.ts';
import { optionsOf, type Run, type Verb } from '../Verb.ts';

const shells: Readonly<Record<string, (verbs: readonly Verb[]) => string>> = {
  bash,
  zsh: (verbs) => `autoload -U +X bashcompinit && bashcompinit\n${bash(verbs)}`,
  fish,
};

/** `agorai completion <shell>`: a script made from the table of verbs, as `source <(agorai completion bash)` wants it. */
export const run: Run = async (context, [shell = '']) => {
  const write = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
  if (!write) throw new ShellError(shell);
  const script = write(context.verbs.filter(({ hidden }) => !hidden));
  return { value: { shell, script }, text: script };
};

/** First words, and the second ones of those that have two. */
function words(verbs: readonly Verb[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { name } of verbs) {
    const [first = '', second] = name.split(' ');
    found.set(first, [...(found.get(first) ?? []), ...(second === undefined ? [] : [second])]);
  }
  return found;
}

function flagOf([flags]: readonly [string, string]): string {
  return flags.split(' ')[0] ?? '';
}

function bash(verbs: readonly Verb[]): string {
  const groups = [...words(verbs)].filter(([, seconds]) => seconds.length > 0);
  const cases = [
    ...verbs.map((verb) => [`" ${verb.name} "*`, optionsOf(verb).map(flagOf)] as const),
    ...groups.map(([first, seconds]) => [`" ${first} "*`, seconds] as const),
    ['*', [...words(verbs).keys()]] as const,
  ];
  const lines = cases.map(([pattern, list]) => `    ${pattern}) words="${list.join(' ')}" ;;`);
  return `_agorai() {
  local words
  case " \${COMP_WORDS[*]:1:COMP_CWORD-1} " in
${lines.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _agorai agorai`;
}

function fish(verbs: readonly Verb[]): string {
  const lines = verbs.flatMap((verb) => {
    const [first = '', second] = verb.name.split(' ');
    const seen = `__fish_seen_subcommand_from ${second ?? first}`;
    return [
      `complete -c agorai -f -n __fish_use_subcommand -a ${first} -d ${quote(second === undefined ? verb.summary : '')}`,
      ...(second === undefined
        ? []
        : [`complete -c agorai -f -n "__fish_seen_subcommand_from ${first}" -a ${second} -d ${quote(verb.summary)}`]),
      ...optionsOf(verb).map(
        (option) => `complete -c agorai -n "${seen}" -l ${flagOf(option).slice(2)} -d ${quote(option[1])}`,
      ),
    ];
  });
  return [...new Set(lines)].join('\n');
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** A shell that has no completion here. */
export class ShellError extends BaseError {
  override readonly name = 'completion.ShellError';
  constructor(shell: string) {
    super(`There is no completion for ${JSON.stringify(Text.plain(shell, 40))}.`, {
      code: 'usage.shell',
      hint: `Name one of ${Object.keys(shells).join(', ')}: agorai completion bash`,
    });
  }
}
