import type { Hash, Hex } from 'viem';
import { encodeFunctionData } from 'viem';
import { call } from 'viem/actions';
import { channelsAbi } from '../../chain/abi/index.ts';
import { explain } from '../../chain/explain.ts';
import { send } from '../../chain/send.ts';
import { isSameAddress } from '../../internal/isSameAddress.ts';
import type * as Channel from '../../pay/Channel.ts';
import { sift } from '../sift.ts';
import type { Plan, Refused, Step, Waiting, World } from './Plan.ts';
import { reasonOf } from './planSeller.ts';

/** A channel of the buyer as the chain has it. Amounts are atoms. */
type State = {
  readonly id: Hex;
  readonly config: Channel.Config;
  /** What is not claimed. */
  readonly available: bigint;
  /** What a withdrawal that was started asks for. */
  readonly pending: bigint;
  /** When it can be finished, 0 when none was started. */
  readonly until: bigint;
};

/** A withdrawal that is started or finished, with its calls. */
type Move = { readonly state: State; readonly amount: bigint; readonly calls: readonly Hex[]; readonly words: string };

/** Most channels of one transaction. */
const maxMoves = 50;

/**
 * What a buyer does without any seller: starts the withdrawal of everything that is left in every channel, and finishes
 * each once its delay has passed. What a smaller withdrawal leaves behind, one that a thief of the channel's key has
 * started for example, is started anew in the transaction that finishes it.
 */
export async function planBuyer(world: World): Promise<Plan> {
  const states = (await readStates(world)).filter(({ available, until }) => available > 0n || until > 0n);
  const due = states.filter(({ until }) => until <= world.now);
  const start = await planMoves(world, 'start', due.filter(({ until }) => until === 0n).map(toStart));
  const finish = await planMoves(world, 'finish', due.filter(({ until }) => until > 0n).map(toFinish));
  const waiting = states
    .filter(({ until }) => until > world.now)
    .map(({ available, until }): Waiting => ({ kind: 'delay', amount: available, until }));
  return { steps: [...start.steps, ...finish.steps], waiting, refused: [...start.refused, ...finish.refused] };
}

async function readStates({ client, addresses, holdings }: World): Promise<readonly State[]> {
  const own = [...holdings.channels].filter(([, { config }]) => isSameAddress(config.payer, client.account.address));
  const contract = { address: addresses.settlement, abi: channelsAbi } as const;
  return await Promise.all(
    own.map(async ([id, { config }]) => {
      const [[balance, claimed], [pending, initiatedAt]] = await Promise.all([
        client.readContract({ ...contract, functionName: 'channels', args: [id] }),
        client.readContract({ ...contract, functionName: 'pendingWithdrawals', args: [id] }),
      ]);
      const until = initiatedAt === 0 ? 0n : BigInt(initiatedAt) + BigInt(config.withdrawDelay);
      return { id, config, available: balance - claimed, pending, until };
    }),
  );
}

function toStart(state: State): Move {
  const args = [state.config, state.available] as const;
  return {
    state,
    amount: state.available,
    calls: [encodeFunctionData({ abi: channelsAbi, functionName: 'initiateWithdraw', args })],
    words: explain('Channels.initiateWithdraw', args),
  };
}

function toFinish(state: State): Move {
  const args = [state.config] as const;
  const finish = encodeFunctionData({ abi: channelsAbi, functionName: 'finalizeWithdraw', args });
  const words = explain('Channels.finalizeWithdraw', args);
  const rest = state.available - state.pending;
  if (rest <= 0n) return { state, amount: state.available, calls: [finish], words };
  const again = toStart({ ...state, available: rest });
  return { state, amount: state.pending, calls: [finish, ...again.calls], words: `${words} ${again.words}` };
}

async function planMoves(
  world: World,
  kind: 'start' | 'finish',
  moves: readonly Move[],
): Promise<{ readonly steps: readonly Step[]; readonly refused: readonly Refused[] }> {
  const steps: Step[] = [];
  const refused: Refused[] = [];
  for (let at = 0; at < moves.length; at += maxMoves) {
    const { good, bad } = await sift(moves.slice(at, at + maxMoves), (some) => tryMoves(world, some));
    refused.push(...bad.map(({ item, error }) => ({ what: `channel ${item.state.id}`, reason: error })));
    if (good.length === 0) continue;
    steps.push({
      kind,
      sentences: good.map(({ words }) => words),
      amount: good.reduce((sum, { amount }) => sum + amount, 0n),
      run: () => sendMoves(world, good),
    });
  }
  return { steps, refused };
}

async function tryMoves({ client, addresses }: World, moves: readonly Move[]): Promise<string | undefined> {
  const args = [moves.flatMap(({ calls }) => calls)] as const;
  const data = encodeFunctionData({ abi: channelsAbi, functionName: 'multicall', args });
  return await call(client, { account: client.account, to: addresses.settlement, data }).then(
    () => undefined,
    reasonOf,
  );
}

async function sendMoves({ client, addresses }: World, moves: readonly Move[]): Promise<readonly Hash[]> {
  const { hash } = await send(client, {
    address: addresses.settlement,
    abi: channelsAbi,
    functionName: 'multicall',
    args: [moves.flatMap(({ calls }) => calls)],
  });
  return [hash];
}
