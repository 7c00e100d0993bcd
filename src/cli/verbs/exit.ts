import type { Account } from 'viem';
import type { Client } from '../../chain/client.ts';
import { createClient } from '../../chain/client.ts';
import * as Amount from '../../internal/Amount.ts';
import { openKeystore, readPassword } from '../../internal/node/keystore.ts';
import { exitMarket, planExit } from '../../settle/exit/exitMarket.ts';
import type * as Holdings from '../../settle/exit/Holdings.ts';
import type * as Plan from '../../settle/exit/Plan.ts';
import { readExport } from '../../settle/exit/readExport.ts';
import { approve } from '../approve.ts';
import * as Home from '../Home.ts';
import { NotRunningError } from '../openMarket.ts';
import { readRun } from '../readRun.ts';
import * as Time from '../Time.ts';
import type { Context, Options, Run } from '../Verb.ts';

/**
 * `agorai exit`: takes out what the person of a wallet has in a market, from its export alone. Started again it goes on;
 * what has to wait is told, or waited for with `--wait`.
 */
export const run: Run = async (context, _, options) => {
  const name = typeof options.as === 'string' ? options.as : 'seller';
  const file = typeof options.file === 'string' ? options.file : Home.exportOf(context.home, name);
  const holdings = await readExport(file);
  const client = await connect(context, options, holdings, name);
  const plan = await planExit(client, holdings);
  const { waiting, refused } = plan;
  if (plan.steps.length > 0) {
    const sentences = plan.steps.flatMap((step) => step.sentences);
    const question = `Send ${plan.steps.length} transactions that bring your money nearer`;
    if (!(await approve(context, { question, amount: 0n, sentences })))
      return { value: { dryRun: true, sentences, waiting, refused }, text: [...sentences, told(plan)].join('\n') };
  }
  const left = await exitMarket(client, {
    holdings,
    wait: options.wait === true,
    onStep: ({ kind, amount, sentences }) =>
      context.progress(`  ${kind.padEnd(10)} ${Amount.format(amount)} · ${sentences[0]}`),
    onWait: (_waiting, until) => context.progress(`  wait       until ${Time.format(until)}`),
  });
  const paid = left.done.filter(({ kind }) => kind === 'withdraw' || kind === 'finish');
  const total = paid.reduce((sum, { amount }) => sum + amount, 0n);
  return {
    value: { person: client.account.address, paid: total, ...left },
    text: `${Amount.format(total)} went to ${client.account.address}.${told(left)}`,
  };
};

async function connect(
  { environment, home, rpcUrl }: Context,
  options: Options,
  { header }: Holdings.Holdings,
  name: string,
): Promise<Client<Account> & { account: Account }> {
  const path = typeof options.key === 'string' ? options.key : Home.keystoreOf(home, name);
  const url = rpcUrl ?? (await readRun(home, 'chain'))?.url;
  if (url === undefined) throw new NotRunningError(home.folder);
  const account = await openKeystore({ path, password: await readPassword({ path, environment }) });
  return await createClient({ rpcUrl: url, account, addresses: header.addresses });
}

function told({ waiting, refused }: Pick<Plan.Plan, 'waiting' | 'refused'>): string {
  const later = waiting.map(
    ({ amount, until }) => `\n${Amount.format(amount)} can be taken out from ${Time.format(until)} on.`,
  );
  const not = refused.map(({ what, reason }) => `\nNot possible: ${what}: ${reason}`);
  const again = waiting.length > 0 ? ['\nStart the same again then, or add --wait.'] : [];
  return [...later, ...again, ...not].join('');
}
