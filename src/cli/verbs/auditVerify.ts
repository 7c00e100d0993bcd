import { existsSync } from 'node:fs';
import type { Address } from 'viem';
import * as Report from '../../audit/Report.ts';
import { readExportedLog } from '../../audit/readExportedLog.ts';
import { BaseError } from '../../internal/Errors.ts';
import { readAddress } from '../../internal/node/keystore.ts';
import { auditBooks, auditPublic, ResidualError, toText } from '../auditMarket.ts';
import { findGateways } from '../findGateway.ts';
import * as Home from '../Home.ts';
import { openMarket } from '../openMarket.ts';
import { readNames } from '../readNames.ts';
import * as Table from '../Table.ts';
import type { Context, Options, Run } from '../Verb.ts';

/** `agorai audit verify`: recomputes every balance. `--books` reads a seller's ledger too, else public data suffice. */
export const run: Run = async (context, _, options) => {
  const { home } = context;
  const market = await openMarket(context);
  const seller = typeof options.as === 'string' ? options.as : 'seller';
  const report =
    options.books === true
      ? await auditBooks(market, ledgerOf(home, seller), await sellerOf(home, seller))
      : await auditPublic(market, await findLogs(context, options));
  if (!Report.passed(report)) throw new ResidualError(report);
  const nameOf = await readNames(home, market);
  return { value: { passed: true, ...report }, text: toText(report, nameOf, Table.widthOf(context.environment)) };
};

/** The log in an export, or those that gateways publish. */
async function findLogs(context: Context, options: Options) {
  if (typeof options.log === 'string') return [await readExportedLog(options.log)];
  return await findGateways(context, options);
}

function ledgerOf(home: Home.Home, person: string): string {
  const { ledger } = Home.sellerOf(home, person);
  if (!existsSync(ledger)) throw new NoBooksError(person);
  return ledger;
}

async function sellerOf(home: Home.Home, person: string): Promise<Address> {
  return (await readAddress(Home.keystoreOf(home, person))) as Address;
}

/** There is no ledger to audit. */
export class NoBooksError extends BaseError {
  override readonly name = 'auditVerify.NoBooksError';
  constructor(person: string) {
    super(`${person} keeps no books in this home.`, {
      code: 'home.no_books',
      hint: 'Name a seller of this home, or audit public data: agorai audit verify',
    });
  }
}
