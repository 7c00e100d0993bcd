import { channelsAbi, logsAbi } from '../../src/chain/abi/index.ts';
import type { ReceiptCheck } from '../../src/infer/Evidence.ts';
import * as Receipt from '../../src/infer/Receipt.ts';
import { recover } from '../../src/internal/node/secp256k1.ts';
import * as ChannelStore from '../../src/pay/ChannelStore.ts';
import { createPayer } from '../../src/pay/createPayer.ts';
import type * as Payer from '../../src/pay/Payer.ts';
import type { World } from './startWorld.ts';

/** A payer with the market's buyer's wallet. */
export function createBuyer(market: World, overrides: Partial<Payer.Setup> = {}) {
  const { addresses, client, people } = market;
  return createPayer({
    wallet: people.buyer as unknown as Payer.Wallet,
    token: { address: addresses.token, name: 'Test Dollar', version: '2', chainId: addresses.chainId },
    place: { chainId: addresses.chainId, settlement: addresses.settlement },
    erc3009Collector: addresses.erc3009Collector,
    store: ChannelStore.inMemory(),
    async readChannel(id) {
      const [balance, claimed] = await client.readContract({
        address: addresses.settlement,
        abi: channelsAbi,
        functionName: 'channels',
        args: [id],
      });
      return { balance, claimed };
    },
    policy: { maxPerCall: 10_000n, maxDeposit: 5_000_000n },
    ...overrides,
  });
}

/** Checks receipts against the keys on chain. */
export function receiptCheck({ addresses, client }: World): ReceiptCheck {
  return {
    domain: Receipt.domainOf(addresses.chainId, addresses.logs),
    recover,
    isKeyAt: (seller, key, at) =>
      client.readContract({
        address: addresses.logs,
        abi: logsAbi,
        functionName: 'isKeyAt',
        args: [seller, key, Number(at)],
      }),
  };
}
