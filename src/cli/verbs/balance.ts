import { channelsAbi, testDollarAbi } from '../../chain/abi/index.ts';
import * as Amount from '../../internal/Amount.ts';
import { openChannelStore } from '../../pay/openChannelStore.ts';
import * as Asset from '../../publish/Asset.ts';
import * as Home from '../Home.ts';
import { openSigning, type Signing } from '../openMarket.ts';
import { readHeld } from '../readHeld.ts';
import { nameOf, readListings } from '../readListings.ts';
import * as Table from '../Table.ts';
import * as Time from '../Time.ts';
import type { Run } from '../Verb.ts';

/** `agorai balance`: the account, what is left of deposits, and licences. The chain is asked, not remembered. */
export const run: Run = async (context, _, options) => {
  const market = await openSigning(context, options, 'buyer');
  const { client, addresses } = market;
  const holder = client.account.address;
  const [wallet, channels, licences] = await Promise.all([
    client.readContract({ address: addresses.token, abi: testDollarAbi, functionName: 'balanceOf', args: [holder] }),
    readChannels(context.home, market),
    readLicences(context.home, market),
  ]);
  const total = channels.reduce((sum, { available }) => sum + available, wallet);
  const rows = [
    ['total', Amount.format(total), 'yours, in all places'],
    ['account', Amount.format(wallet), holder],
    ...channels.map(({ available, receiver }) => ['deposit', Amount.format(available), `paid to ${receiver}`]),
    ...licences.map(({ name, until }) => ['licence', '', `${name}, ${until}`]),
  ];
  return {
    value: { account: holder, total, wallet, channels, licences },
    text: Table.format(['WHERE', 'AMOUNT', 'DETAIL'], rows, Table.widthOf(context.environment)),
  };
};

async function readChannels(home: Home.Home, { client, addresses, person }: Signing) {
  const store = await openChannelStore(Home.buyerOf(home, person).channels);
  const open = (await store.all()).filter(({ closed }) => !closed);
  return Promise.all(
    open.map(async ({ channelId, config, charged }) => {
      const contract = { address: addresses.settlement, abi: channelsAbi } as const;
      const [balance] = await client.readContract({ ...contract, functionName: 'channels', args: [channelId] });
      return { channelId, receiver: config.receiver, balance, charged, available: balance - charged };
    }),
  );
}

async function readLicences(home: Home.Home, market: Signing) {
  const [listings, held] = await Promise.all([readListings(home, market), readHeld(market)]);
  return held
    .filter(({ licence }) => licence.valid)
    .map(({ offer: { termsId, terms }, licence, token }) => {
      const listing = listings.find(({ asset }) => asset.id === terms.asset);
      const asset = Asset.toHex(terms.asset);
      const inert = token?.isInert ? ', of no use until its royalty is paid' : '';
      const until = `${Time.lasting(licence)}${token ? ', can be sold on' : ''}${inert}`;
      const tokenId = token?.tokenId ?? null;
      return { name: listing ? nameOf(listing) : Asset.short(terms.asset), asset, termsId, until, tokenId, ...licence };
    });
}
