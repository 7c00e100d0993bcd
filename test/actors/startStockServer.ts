import { serve } from '@hono/node-server';
import { x402Facilitator } from '@x402/core/facilitator';
import { type FacilitatorClient, x402ResourceServer } from '@x402/core/server';
import { toFacilitatorEvmSigner } from '@x402/evm';
import { BatchSettlementEvmScheme as BatchFacilitator } from '@x402/evm/batch-settlement/facilitator';
import {
  BatchSettlementEvmScheme as BatchServer,
  BatchSettlementChannelManager,
} from '@x402/evm/batch-settlement/server';
import { ExactEvmScheme as ExactFacilitator } from '@x402/evm/exact/facilitator';
import { ExactEvmScheme as ExactServer } from '@x402/evm/exact/server';
import { paymentMiddleware } from '@x402/hono';
import { Hono } from 'hono';
import { createWalletClient, http, publicActions } from 'viem';
import type { Market } from './startMarket.ts';

/** Price of a call of the stock server in atoms. */
export const stockPrice = 1_000n;

/**
 * An unmodified `@x402/hono` server with the stock facilitator in the same process. Its receiver is our payout address
 * and its receiver authorizer our ERC-1271 contract, for which the settler's key signs.
 */
export async function startStockServer(market: Market) {
  const { people, addresses, client } = market;
  const network = 'eip155:31337';
  const wallet = createWalletClient({
    account: people.operator,
    chain: client.chain,
    transport: http(market.chain.url),
  });
  const signer = toFacilitatorEvmSigner({ ...wallet.extend(publicActions), address: people.operator.address } as never);
  const facilitator = new x402Facilitator()
    .register(network, new BatchFacilitator(signer))
    .register(network, new ExactFacilitator(signer));
  const facilitatorClient = facilitator as unknown as FacilitatorClient;
  const payTo = market.listings[0]?.payTo as `0x${string}`;
  const batch = new BatchServer(payTo, {
    receiverAuthorizerSigner: {
      address: market.receiverAuthorizer,
      signTypedData: (definition) => people.settler.signTypedData(definition as never),
    },
  });
  const server = new x402ResourceServer(facilitatorClient)
    .register(network, batch)
    .register(network, new ExactServer());
  const price = {
    asset: addresses.token,
    amount: stockPrice.toString(),
    extra: { name: 'Test Dollar', version: '2', assetTransferMethod: 'eip3009' },
  };
  const accept = (scheme: string) => ({ scheme, network, payTo, price, maxTimeoutSeconds: 300 }) as never;
  const app = new Hono();
  app.use(
    paymentMiddleware(
      { 'POST /batch': { accepts: accept('batch-settlement') }, 'POST /exact': { accepts: accept('exact') } } as never,
      server,
    ),
  );
  app.post('/batch', (context) => context.json({ served: 'batch' }));
  app.post('/exact', (context) => context.json({ served: 'exact' }));
  const node = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise((resolve) => node.once('listening', resolve));
  const { port } = node.address() as { port: number };
  const manager = new BatchSettlementChannelManager({
    scheme: batch,
    facilitator: facilitatorClient,
    receiver: payTo,
    token: addresses.token,
    network,
  } as never);
  return {
    url: `http://127.0.0.1:${port}`,
    manager,
    stop: () => new Promise((resolve) => node.close(resolve)),
  };
}
