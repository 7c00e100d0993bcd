/** The buyer's side of a home: a payer with its channels on disk, and a check of receipts against the chain. */
import { channelsAbi, logsAbi, testDollarAbi } from '../chain/abi/index.ts';
import type { ReceiptCheck } from '../infer/Evidence.ts';
import * as Receipt from '../infer/Receipt.ts';
import { recover } from '../internal/node/secp256k1.ts';
import { openChannelStore } from '../pay/openChannelStore.ts';
import type { Policy, Setup } from '../pay/Payer.ts';
import type * as Export from '../settle/exit/Export.ts';
import { openExport, type Writer } from '../settle/exit/openExport.ts';
import { recordChannels } from '../settle/exit/recordBuyer.ts';
import * as Home from './Home.ts';
import type { Market, Signing } from './openMarket.ts';

/** What a payer of this home is made of. Its limits are those of the policy. */
export async function openWallet(home: Home.Home, market: Signing, policy: Policy): Promise<Setup> {
  const { client, addresses, person } = market;
  const token = { address: addresses.token, abi: testDollarAbi } as const;
  const settlement = { address: addresses.settlement, abi: channelsAbi } as const;
  const [name, version, store, writer] = await Promise.all([
    client.readContract({ ...token, functionName: 'name' }),
    client.readContract({ ...token, functionName: 'version' }),
    openChannelStore(Home.buyerOf(home, person).channels),
    openOwnExport(home, market),
  ]);
  return {
    wallet: client.account,
    token: { address: addresses.token, name, version, chainId: addresses.chainId },
    place: { chainId: addresses.chainId, settlement: addresses.settlement },
    erc3009Collector: addresses.erc3009Collector,
    store: recordChannels(store, writer),
    async readChannel(id) {
      const [balance, claimed] = await client.readContract({ ...settlement, functionName: 'channels', args: [id] });
      return { balance, claimed };
    },
    policy,
  };
}

/** The export of the person who signs. */
export function openOwnExport(home: Home.Home, { client, addresses, person }: Signing): Promise<Writer> {
  return openExport(Home.exportOf(home, person), { person: client.account.address, addresses });
}

/** What was bought is part of what the buyer can prove without anybody. */
export async function keepLicence(home: Home.Home, market: Signing, bought: keepLicence.Options): Promise<void> {
  await (await openOwnExport(home, market)).append([{ kind: 'licence', ...bought }]);
}

export declare namespace keepLicence {
  type Options = Omit<Extract<Export.Entry, { kind: 'licence' }>, 'kind'>;
}

/** Checks receipts against the keys that sellers registered on chain. */
export function receiptCheck({ client, addresses }: Market): ReceiptCheck {
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
