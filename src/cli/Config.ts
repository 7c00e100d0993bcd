/** Configuration files of the long-running processes, and their checks. Amounts are decimal strings of atoms. */
import type { Address } from 'viem';
import { z } from 'zod';
import * as Upstream from '../infer/engines/Upstream.ts';
import * as Amount from '../internal/Amount.ts';

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text as Address);
const number = Amount.schema(256);
const path = z.string().min(1);
const port = z.int().min(0).max(65_535);

/** A model that is served: its folder, the asset under which it is published, and the server that does the work, if another. */
export const model = z.strictObject({
  folder: path,
  asset: number,
  version: z.int().positive(),
  upstream: Upstream.schema.optional(),
});

/** What a gateway serves, as `agorai gateway --config` reads it. */
export const gatewaySchema = z.strictObject({
  /** The person whose gateway it is. */
  name: z.string(),
  rpcUrl: z.string(),
  /** The address book. */
  addresses: path,
  seller: address,
  /** Keystore of the receipt key. */
  receiptKey: path,
  ledger: path,
  /** The settler's file, which is read for its answers. */
  settlerFile: path,
  /** The seller's export, which is kept current; none unless given. */
  export: path.optional(),
  port,
  /** Where clients find the gateway, when it is not where it listens. */
  origin: z.url().optional(),
  /** What is given away: calls a day for an address and model, and the zero bits of the work for one. */
  free: z.strictObject({ callsPerDay: z.int().positive(), difficulty: z.int().min(0).max(40) }).optional(),
  /** Blocks above a deposit before it counts in full, and the most that is served on deposits before. */
  exposure: z.strictObject({ confirmations: z.int().min(0), channel: number, total: number }).optional(),
  models: z.array(model).min(1),
  /** Where the process says that it runs. */
  run: path,
});

/** What a settler does, as `agorai settler --config` reads it. */
export const settlerSchema = z.strictObject({
  name: z.string(),
  rpcUrl: z.string(),
  addresses: path,
  seller: address,
  /** Keystore of the key that sends. */
  key: path,
  ledger: path,
  file: path,
  /** Vault accounts whose money is harvested. */
  accounts: z.array(number).min(1),
  policy: z.strictObject({
    threshold: number,
    maxAgeMs: z.int().min(0),
    harvestThreshold: number,
    harvestAgeMs: z.int().min(0),
  }),
  caps: z.strictObject({ dailyAtoms: number, dailyGas: number, feePerGas: number.optional() }),
  confirmations: z.int().min(0),
  /** At most so many atoms count with fewer confirmations. */
  exposure: z.array(z.strictObject({ atoms: number, confirmations: z.int().min(1) })).optional(),
  /** How long before a payer can leave its claim is raised with every block. */
  margin: z.strictObject({ seconds: z.int().min(0), blocks: z.int().min(0) }).optional(),
  finality: z.int().min(0),
  pollMs: z.int().min(10),
  port,
  run: path,
});

/** What {@link gatewaySchema} gives. */
export type Gateway = z.output<typeof gatewaySchema>;
