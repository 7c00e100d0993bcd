/** A local chain on which calls are made at chosen seconds, in the name of anybody. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Abi,
  type Address,
  decodeEventLog,
  decodeFunctionResult,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  keccak256,
  multicall3Abi,
  stringToHex,
} from 'viem';
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import * as contracts from '../../src/chain/abi/index.ts';
import { createClient } from '../../src/chain/client.ts';
import { deploy } from '../../src/chain/deploy.ts';
import { startDevchain } from '../../src/chain/devchain.ts';
import * as Revert from '../../src/chain/Revert.ts';
import { type Call, type Event, Refusal, text, type View } from './Model.ts';

const roles = ['operator', 'ada', 'bob', 'cyd', 'dan', 'key'] as const;
export type Person = PrivateKeyAccount & { readonly privateKey: Hex };
export type Stage = Awaited<ReturnType<typeof openStage>>;

const abis = new Map(Object.entries(contracts).map(([name, abi]) => [name.toLowerCase(), abi as Abi]));

/** Always the same second, so that a seed always gives the same sequence. */
export const startTime = 2_000_000_000n;
const gas = '0xe4e1c0';
/** Questions in one request, as many as the node takes. */
const atOnce = 500;

const places = {
  Assets: 'assets',
  Authorizers: 'authorizers',
  Channels: 'settlement',
  AllowanceCollector: 'allowanceCollector',
  Erc3009Collector: 'erc3009Collector',
  Escrows: 'escrows',
  Licenses: 'licenses',
  Lineages: 'lineages',
  Logs: 'logs',
  Policy: 'policy',
  Resales: 'resales',
  TestDollar: 'token',
  Vaults: 'vaults',
} as const;
type Place = keyof typeof places;

export async function openStage() {
  const home = mkdtempSync(join(tmpdir(), 'agorai-'));
  const chain = await startDevchain({ port: 0 });
  const people = Object.fromEntries(roles.map((role) => [role, person(role)])) as Record<
    (typeof roles)[number],
    Person
  >;
  const rpc = async (method: string, params: readonly unknown[] = []) => unwrap(await post(chain.url, method, params));
  for (const role of roles) await rpc('anvil_setBalance', [people[role].address, '0x56bc75e2d63100000']);
  const operator = await createClient({ rpcUrl: chain.url, account: people.operator });
  const { addresses } = await deploy(operator, { bookFile: join(home, 'addresses.json') });
  await rpc('anvil_autoImpersonateAccount', [true]);
  await rpc('evm_setNextBlockTimestamp', [Number(startTime)]);
  await rpc('evm_mine');
  const addressOf = (place: string): Address => addresses[places[place as Place]];
  const placeOf = (address: Address): Place | undefined =>
    (Object.keys(places) as Place[]).find((place) => text(addressOf(place)) === text(address));

  /** What a call would do at a second, or its refusal. */
  async function simulate(call: Call, now: bigint): Promise<Refusal | Hex> {
    const answer = await post(chain.url, 'eth_call', [transaction(call), 'latest', {}, { time: hex(now) }]);
    if (answer.error === undefined) return answer.result as Hex;
    if (!answer.error.data) throw new TypeError(`The node failed: ${answer.error.message}`);
    const { errorName, args } = Revert.fromData(answer.error.data);
    return new Refusal(errorName, ...args);
  }

  function transaction({ from, functionName, args }: Call) {
    const [place = '', name = ''] = functionName.split('.');
    const data = encodeFunctionData({ abi: abiOf(place), functionName: name, args });
    return { from, to: addressOf(place), data, gas };
  }

  async function compare(views: readonly View[], now: bigint): Promise<readonly string[]> {
    const asked = views.map(({ functionName, args }) => {
      const [place = '', name = ''] = functionName.split('.');
      const callData = encodeFunctionData({ abi: abiOf(place), functionName: name, args });
      return { target: addressOf(place), allowFailure: true, callData };
    });
    const data = encodeFunctionData({ abi: multicall3Abi, functionName: 'aggregate3', args: [asked] });
    const request = { to: addresses.multicall3, data, gas: '0x1c9c3800' };
    const result = (await rpc('eth_call', [request, 'latest', {}, { time: hex(now) }])) as Hex;
    const answers = decodeFunctionResult({ abi: multicall3Abi, functionName: 'aggregate3', data: result });
    return views.flatMap(({ functionName, args, expected }, index) => {
      const [place = '', name = ''] = functionName.split('.');
      const { success, returnData } = answers[index] as (typeof answers)[number];
      const actual = success
        ? decodeFunctionResult({ abi: abiOf(place), functionName: name, data: returnData })
        : Revert.fromData(returnData);
      if (text(actual) === text(expected)) return [];
      return [`${functionName}(${text(args)}) is ${text(actual)}, the model says ${text(expected)}`];
    });
  }

  return {
    addresses,
    people,
    actors: [people.ada, people.bob, people.cyd, people.dan] as readonly Person[],
    payoutOf: (account: bigint) => payoutOf(account, addresses),
    rpc,
    /** Makes a call in a block of its own. Gives the events of all contracts but the token, or the refusal. */
    async execute(call: Call, now: bigint): Promise<readonly Event[] | Refusal> {
      const simulated = await simulate(call, now);
      if (simulated instanceof Refusal) return simulated;
      await rpc('evm_setNextBlockTimestamp', [Number(now)]);
      const receipt = (await rpc('eth_sendTransactionSync', [transaction(call)])) as { status: Hex; logs: Log[] };
      if (receipt.status !== '0x1') throw new TypeError(`${call.functionName} was simulated well and failed.`);
      return receipt.logs.flatMap((log) => {
        const place = placeOf(log.address);
        return place === undefined || place === 'TestDollar' ? [] : [eventOf(place, log)];
      });
    },
    /** Asks everything, and gives the questions whose answer is another one than expected. */
    async differences(views: readonly View[], now: bigint): Promise<readonly string[]> {
      const found: string[] = [];
      for (let at = 0; at < views.length; at += atOnce)
        found.push(...(await compare(views.slice(at, at + atOnce), now)));
      return found;
    },
    async stop() {
      await chain.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

type Log = { readonly address: Address; readonly data: Hex; readonly topics: [Hex, ...Hex[]] };

function eventOf(place: Place, { data, topics }: Log): Event {
  const { eventName, args } = decodeEventLog({ abi: abiOf(place), data, topics });
  return { eventName: `${place}.${eventName}`, args: args ?? {} };
}

function abiOf(place: string): Abi {
  return abis.get(`${place.toLowerCase()}abi`) as Abi;
}

function person(role: string): Person {
  const privateKey = keccak256(stringToHex(role));
  return { ...privateKeyToAccount(privateKey), privateKey };
}

/** EIP-1167: where the clone that stands for an account is or will be. */
function payoutOf(account: bigint, { vaults, vaultImplementation }: { vaults: Address; vaultImplementation: Address }) {
  const code = vaultImplementation.slice(2).toLowerCase();
  const bytecode: Hex = `0x3d602d80600a3d3981f3363d3d373d3d3d363d73${code}5af43d82803e903d91602b57fd5bf3`;
  const salt: Hex = `0x${account.toString(16).padStart(64, '0')}`;
  return getContractAddress({ opcode: 'CREATE2', from: vaults, salt, bytecode });
}

type Answer = { readonly result?: unknown; readonly error?: { readonly message: string; readonly data?: Hex } };

async function post(url: string, method: string, params: readonly unknown[]): Promise<Answer> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return (await response.json()) as Answer;
}

function unwrap(answer: Answer): unknown {
  if (answer.error) throw new TypeError(`The node refused: ${answer.error.message}`);
  return answer.result;
}

function hex(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}
