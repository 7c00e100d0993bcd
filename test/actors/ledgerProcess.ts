/**
 * A writer of a ledger as a process of its own: `ledgerProcess.ts <file> <number> <mode>`. `race` asks for one voucher
 * a hundred times and prints how often it was admitted; `work` serves calls for ever and prints each that was
 * acknowledged, until it is killed.
 */
import { writeSync } from 'node:fs';
import { openLedger } from '../../src/pay/openLedger.ts';
import { admission, outcome, sealer, word } from './ledgerRequests.ts';

const [file = '', number = '0', mode] = process.argv.slice(2);
const ledger = openLedger(file);
const say = (line: string) => writeSync(1, `${line}\n`);

if (mode === 'race') {
  const base = 1_000 * (1 + Number(number));
  const uses = Array.from({ length: 100 }, (_, i) => ledger.admit(admission(word(base + i), 8n, 8n)));
  const admitted = (await Promise.all(uses)).filter(({ status }) => status === 'admitted');
  say(`${admitted.length}`);
  await ledger.close();
} else {
  for (let call = 1; ; call++) {
    const id = word(10_000 + call);
    const { status } = await ledger.admit(admission(id, BigInt(call), 1n));
    say(`${status} ${call}`);
    await ledger.commit([outcome(id, 1n)], sealer);
    say(`charged ${call}`);
  }
}
