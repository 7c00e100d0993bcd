/**
 * What an index keeps: one table for each event of each contract, made from the ABIs, whose rows are the events as they
 * are. Nothing is ever updated, so that undoing a block is deleting its rows, and the state of anything is a question
 * about its events.
 */
import type { AbiEvent, AbiParameter, Hex } from 'viem';
import { keccak } from '../../internal/Hash.ts';
import * as Contracts from '../Contracts.ts';

/** A column for one argument. Numbers of more than 63 bits are `numeric`, structs and lists `jsonb`. */
type Column = { readonly name: string; readonly type: string; readonly input: AbiParameter };

/** The table of one event of one contract. */
export type Table = {
  readonly name: string;
  /** Member of the address book whose events these are. */
  readonly contract: Contracts.Contract;
  readonly event: AbiEvent;
  readonly columns: readonly Column[];
};

/** Every table of events. */
export const tables: readonly Table[] = Contracts.names.flatMap((contract) =>
  Contracts.eventsOf(contract).map((event) => tableOf(contract, event)),
);

const byEvent = new Map(tables.map((table) => [table.event, table]));

/** Where rows of an event that a contract emitted go, undefined for an event that is none of ours. */
export function find(contract: Contracts.Contract, topic: Hex | undefined): Table | undefined {
  const event = Contracts.eventOf(contract, topic);
  return event && byEvent.get(event);
}

/** What every row says of its event: the block, the place of its log there, and the transaction. */
const common = ['block bigint not null', 'position integer not null', 'transaction text not null'] as const;

/** Statements that make an index. */
export const statements: readonly string[] = [
  'create table meta (name text primary key, value text not null)',
  `create table blocks (number bigint primary key, hash text not null unique, parent text not null,
    timestamp bigint not null)`,
  ...tables.map(({ name, columns }) => {
    const rows = columns.map((column) => `"${column.name}" ${column.type}`);
    return `create table ${name} (${[...common, ...rows].join(', ')}, primary key (block, position))`;
  }),
  ...tables.flatMap(({ name, event }) => {
    const indexed = event.inputs.filter((input) => input.indexed).map(columnOf);
    return indexed.map(
      (column) => `create index ${name}_by_${column.name} on ${name} ("${column.name}", block, position)`,
    );
  }),
];

/** Changes with every change of what is stored, so that an index of before is made anew. */
export const version: Hex = keccak(new TextEncoder().encode(statements.join(';')));

/** The statement that adds rows, given as a list of objects in JSON. */
export function insertInto({ name, columns }: Table): string {
  const types = [...common, ...columns.map((column) => `"${column.name}" ${column.type}`)];
  const list = types.map((type) => type.split(' ')[0]).join(', ');
  const plain = types.map((type) => type.replace(' not null', '')).join(', ');
  return `insert into ${name} (${list}) select ${list} from jsonb_to_recordset($1::jsonb) as r(${plain})`;
}

function tableOf(contract: Contracts.Contract, event: AbiEvent): Table {
  const name = `${snake(contract)}_${snake(event.name)}`;
  return { name, contract, event, columns: event.inputs.map(columnOf) };
}

function columnOf(input: AbiParameter): Column {
  return { name: snake(input.name ?? ''), type: typeOf(input.type), input };
}

function typeOf(type: string): string {
  const bits = /^u?int(?<bits>\d+)$/.exec(type)?.groups?.bits;
  if (bits !== undefined) return Number(bits) > 63 ? 'numeric(78)' : 'bigint';
  if (type === 'bool') return 'boolean';
  return type.startsWith('tuple') || type.endsWith(']') ? 'jsonb' : 'text';
}

function snake(text: string): string {
  return text.replace(/[A-Z]/g, (letter, at: number) => `${at === 0 ? '' : '_'}${letter.toLowerCase()}`);
}
