/** Audits a seller's books and tells the report in words. */

import type { Address } from 'viem';
import * as Report from '../audit/Report.ts';
import { verifyBooks, verifyPublic } from '../audit/verify.ts';
import * as Amount from '../internal/Amount.ts';
import { BaseError } from '../internal/Errors.ts';
import { openLedger } from '../pay/openLedger.ts';
import * as Asset from '../publish/Asset.ts';
import type { Market } from './openMarket.ts';
import * as Table from './Table.ts';

/** Verifies a ledger file against the chain. */
export async function auditBooks(market: Market, ledgerFile: string, seller: Address): Promise<Report.Report> {
  const ledger = openLedger(ledgerFile, { readOnly: true });
  try {
    return await verifyBooks({ client: market.client, addresses: market.addresses, ledger, seller });
  } finally {
    await ledger.close();
  }
}

/** Verifies from public data: the chain and the published logs, or those in exports. */
export async function auditPublic(market: Market, logs: verifyPublic.Options['logs']): Promise<Report.Report> {
  return verifyPublic({ client: market.client, addresses: market.addresses, logs });
}

/** A report for people: payments, payees, what was proved, what was not, what does not add up. */
export function toText(report: Report.Report, nameOf: (account: string) => string, width: number): string {
  const blocks = [
    payments(report, nameOf, width),
    payees(report, nameOf, width),
    ['PROVED', ...report.proofs.map(({ rule, sentence }) => `ok   ${rule.padEnd(4)} ${sentence}`)].join('\n'),
    ['NOT SEEN', ...report.unseen.map((sentence) => `     ${sentence}`)].join('\n'),
    ...(Report.passed(report) ? [] : [residuals(report)]),
    Report.passed(report) ? 'Everything adds up.' : `${report.residuals.length} differences.`,
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

function payments({ payments }: Report.Report, nameOf: (account: string) => string, width: number): string {
  if (payments.length === 0) return '';
  const rows = payments.map(({ receipt, payer, payTo, asset, price, status }) => {
    return [receipt.slice(2, 10), nameOf(payer), Asset.short(asset), Amount.format(price), status, nameOf(payTo)];
  });
  return Table.format(['RECEIPT', 'PAID BY', 'ASSET', 'PRICE', 'STATUS', 'PAID TO'], rows, width);
}

function payees({ payees }: Report.Report, nameOf: (account: string) => string, width: number): string {
  if (payees.length === 0) return '';
  const rows = payees.map(({ account, bps, earned, withdrawn }) => {
    return [nameOf(account), `${bps / 100} %`, Amount.format(earned), Amount.format(withdrawn)];
  });
  return Table.format(['PAYEE', 'SHARE', 'EARNED', 'WITHDRAWN'], rows, width);
}

function residuals({ residuals }: Report.Report): string {
  return ['DIFFERENCES', ...residuals.map(lineOf)].join('\n');
}

function lineOf({ rule, subject, expected, found }: Report.Residual): string {
  return `FAIL ${rule.padEnd(4)} ${subject}: expected ${expected}, found ${found}`;
}

/** Something does not add up. */
export class ResidualError extends BaseError {
  override readonly name = 'auditMarket.ResidualError';
  constructor({ residuals }: Report.Report) {
    super(`The audit found ${residuals.length} ${residuals.length === 1 ? 'difference' : 'differences'}.`, {
      code: 'audit.residual',
      docsPath: 'audit.md',
      metaMessages: residuals.map(lineOf),
      hint: 'Stop paying until it is explained; keep the files as they are.',
    });
  }
}
