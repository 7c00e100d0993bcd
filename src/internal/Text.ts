/** Text that somebody else wrote and that is about to be shown: on a terminal, in a log, in a table. */

/** A command of a terminal, `ESC [ ... letter`. */
const command = String.raw`(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]`;
/** Text meant for a terminal itself, `ESC ] ... BEL` or `ESC ] ... ESC \`, such as a window's title. */
const message = String.raw`(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?`;
/** The short sequences, and an escape character alone. */
const other = String.raw`\u001b[ -/]*[0-~]?`;
const escapes = new RegExp(`${command}|${message}|${other}`, 'g');

/** What is never shown: control characters, invisible ones that reorder or hide text, halves of characters. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** Most characters of a piece of text, unless the caller says otherwise. */
export const maxLength = 200;

/** One line that cannot move the cursor, change colours, reorder its neighbours or fill the screen. */
export function plain(text: string, max: number = maxLength): string {
  // Cut before and after: the patterns never run over more than a few times what can be shown.
  const safe = text
    .slice(0, max * 8)
    .replace(escapes, '')
    .replace(/[\t\r\n]+/g, ' ')
    .replace(invisible, '');
  const characters = [...safe];
  return characters.length > max ? `${characters.slice(0, max - 1).join('')}…` : safe;
}

/** The same for text of several lines: line ends stay, everything else that is invisible goes. */
export function plainLines(text: string, max: number = 10_000): string {
  return text
    .slice(0, max)
    .split(/\r?\n/)
    .map((line) => plain(line, max))
    .join('\n');
}
