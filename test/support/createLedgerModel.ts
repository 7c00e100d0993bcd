import type { Hex } from 'viem';
import type * as Ledger from '../../src/pay/Ledger.ts';
import { word } from '../actors/ledgerRequests.ts';

type Channels = Map<Hex, { balance: bigint; charged: bigint; max: bigint; open: boolean; running: Hex | undefined }>;

/** The rules of a channel in a few lines, as the model that every order of events is compared with. */
export function createLedgerModel(balances: readonly bigint[]) {
  const spent = new Set<Hex>();
  const channels: Channels = new Map(
    balances.map((balance, i) => [word(i + 1), { balance, charged: 0n, max: 0n, open: true, running: undefined }]),
  );
  const of = (id: Hex) => channels.get(id) as NonNullable<ReturnType<Channels['get']>>;
  return {
    channels,
    admits({ account, authority, bound, requestId, voucher }: Ledger.Admission): boolean {
      const channel = of(account);
      const { max } = voucher as NonNullable<Ledger.Admission['voucher']>;
      const fits = max === channel.charged + bound && max <= channel.balance && !spent.has(authority);
      if (!channel.open || channel.running || !fits) return false;
      channel.running = requestId;
      if (max > channel.max) channel.max = max;
      return true;
    },
    ends({ account, authority }: Ledger.Admission, price: bigint): void {
      const channel = of(account);
      channel.running = undefined;
      channel.charged += price;
      if (price > 0n) spent.add(authority);
    },
    leaves(id: Hex): boolean {
      const channel = of(id);
      if (channel.running) return false;
      channel.open = false;
      return true;
    },
  };
}
