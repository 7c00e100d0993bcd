import { encodeFunctionData, parseEventLogs } from 'viem/utils';
import { testDollarAbi } from '../../../chain/abi/index.ts';
import { isSameAddress } from '../../../internal/isSameAddress.ts';
import * as Outbox from '../../../pay/Outbox.ts';
import * as Call from '../Call.ts';
import { findAuthorized } from './findAuthorized.ts';
import type { Kind } from './Kind.ts';

/** Settles one payment of the scheme `exact` to a payout address of the seller. */
export const exact: Kind = {
  beyondGas: 'fail',
  atRisk: (job) => Outbox.parse(Outbox.exact, job).authorization.value,
  async prepare({ limits }, job) {
    const { token, authorization, signature } = Outbox.parse(Outbox.exact, job);
    Call.assertToken(token, limits);
    Call.assertReceiver(authorization.to, limits);
    const { from, to, value, validAfter, validBefore, nonce } = authorization;
    const data = encodeFunctionData({
      abi: testDollarAbi,
      functionName: 'transferWithAuthorization',
      args: [from, to, value, validAfter, validBefore, nonce, signature],
    });
    return { call: { to: token, data, atoms: 0n } };
  },
  findDone({ client }, job) {
    const { token, authorization } = Outbox.parse(Outbox.exact, job);
    const { from, to, value, nonce } = authorization;
    return findAuthorized(client, {
      token,
      payer: from,
      nonce,
      // The token tells of a transfer right after the use of its authorization: no transfer stands for two.
      accept: (logs, used) =>
        parseEventLogs({ abi: testDollarAbi, eventName: 'Transfer', logs }).some(
          (log) =>
            log.logIndex === used + 1 &&
            isSameAddress(log.address, token) &&
            isSameAddress(log.args.from, from) &&
            isSameAddress(log.args.to, to) &&
            log.args.value === value,
        ),
    });
  },
};
