/** What operations cost beside what others reach and what is aimed at. The figures are those of `contracts/snapshots`. */
import { group, type Snapshots } from './Snapshots.ts';

/** One operation. `peers` is quoted from others' contracts, measured under the same rules with a plain ERC-20. */
type Row = {
  readonly operation: string;
  readonly contract: string;
  /** Name of the figure in the snapshot of the contract. */
  readonly figure: string;
  readonly peers: string;
  readonly goal: number;
};

/** How far from the canonical settlement contract a figure may be. */
const NEAR = 1.03;
const canonical = (figure: number) => Math.floor(figure * NEAR);
const publishers = '149k OpenZeppelin mint without terms, 600k Story, 1.39M Ocean';
const buyers = '277k Ocean repeat, 397k Unlock';

const rows: readonly Row[] = [
  row('publish with terms, first', 'Assets', 'publish with one offer, first of a publisher', publishers, 110_000),
  row('publish with terms, later', 'Assets', 'publish with one offer, later', publishers, 95_000),
  row('buy a record', 'Licenses', 'buy, first of a holder', buyers, 85_000),
  row('buy a record again', 'Licenses', 'buy, renewal', buyers, 65_000),
  row('buy a resellable licence, first', 'Resales', 'buy, first token of an owner', buyers, 115_000),
  row('buy a resellable licence, later', 'Resales', 'buy, later token of an owner', buyers, 90_000),
  row('renew', 'Licenses', 'buy, renewal', '123k Unlock', 65_000),
  row(
    'open a channel by EIP-3009',
    'Channels',
    'open by Erc3009Collector',
    '120k to 140k canonical',
    canonical(140_000),
  ),
  row(
    'open a channel by allowance',
    'Channels',
    "open by an open collector's allowance",
    '81.6k canonical',
    canonical(81_600),
  ),
  row('claim, one channel', 'Channels', 'claim 1, per channel', '48.3k canonical', canonical(48_300)),
  row('claim, each of ten channels', 'Channels', 'claim 10, per channel', '23.8k canonical', canonical(23_800)),
  row('claim, each of a hundred channels', 'Channels', 'claim 100, per channel', '21.4k canonical', canonical(21_400)),
  row('create a split', 'Vaults', 'configure: first split, two payees', '165k to 435k 0xSplits', 46_000),
  row('resale with royalty', 'Resales', 'resell', '117k Seaport', 88_000),
];

const CALLS = 1_000;
const CLAIMED_TOGETHER = 100;

/** The table in Markdown. */
export function renderGoals(snapshots: Snapshots): string {
  const compared = rows.map(({ operation, contract, figure, peers, goal }) =>
    line(operation, figureOf(snapshots, contract, figure), peers, goal),
  );
  const peers = '150 canonical';
  const perCall = [
    line('a call of a thousand, deposit by EIP-3009', perCallOf(snapshots, 'open by Erc3009Collector'), peers, 140),
    line(
      "a call of a thousand, deposit by an open collector's allowance",
      perCallOf(snapshots, "open by an open collector's allowance"),
      peers,
      100,
    ),
    line(
      'a call of a thousand, deposit by AllowanceCollector',
      perCallOf(snapshots, 'open by AllowanceCollector, first nonce of a word'),
      peers,
      100,
    ),
  ];
  return ['| operation | gas | peers | goal | |', '|---|---:|---|---:|---|', ...compared, ...perCall].join('\n');
}

/** Gas of a call when a channel is opened, used a thousand times, and claimed and settled with a hundred others. */
function perCallOf(snapshots: Snapshots, open: string): number {
  const deposit = figureOf(snapshots, 'Channels', open);
  const claim = figureOf(snapshots, 'Channels', 'claim 100, per channel');
  const settle = figureOf(snapshots, 'Channels', 'settle') / CLAIMED_TOGETHER;
  return Math.ceil((deposit + claim + settle) / CALLS);
}

function figureOf(snapshots: Snapshots, contract: string, figure: string): number {
  const gas = snapshots[contract]?.[figure];
  if (gas === undefined) throw new RangeError(`There is no gas figure "${figure}" of ${contract}.`);
  return Number(gas);
}

function line(operation: string, gas: number, peers: string, goal: number): string {
  const verdict = gas <= goal ? 'reached' : `not reached, ${group(String(gas - goal))} above`;
  return `| ${operation} | ${group(String(gas))} | ${peers} | ${group(String(goal))} | ${verdict} |`;
}

function row(operation: string, contract: string, figure: string, peers: string, goal: number): Row {
  return { operation, contract, figure, peers, goal };
}
