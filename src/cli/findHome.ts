import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import * as Home from './Home.ts';

/**
 * The home folder: the one named, else `AGORAI_HOME`, else `.agorai` in the current folder when it is there or is about
 * to be made, else `~/.agorai`.
 */
export function findHome(options: findHome.Options): Home.Home {
  const named = options.folder ?? process.env.AGORAI_HOME;
  if (named) return Home.from(resolve(named));
  const here = resolve('.agorai');
  return Home.from(options.makes || existsSync(here) ? here : join(homedir(), '.agorai'));
}

export declare namespace findHome {
  type Options = {
    readonly folder: string | undefined;
    /** Whether the verb makes a home when there is none. */
    readonly makes: boolean;
  };
}
