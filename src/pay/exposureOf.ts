import type { Hex } from 'viem';
import type { Transaction } from '../internal/node/sqlite.ts';

/**
 * What all channels but one were served, or are being served, beyond their confirmed deposits, in atoms: what the seller
 * would lose if every unconfirmed block vanished, with what it has lost that way.
 */
export function exposureOf(t: Transaction, except: Hex): bigint {
  // Amounts are decimal text without leading zeros, so the longer one is the larger one.
  const rows = t.all(
    `select a.charged, c.confirmed,
       (select bound from requests r where r.account = c.id and r.state = 'reserved' limit 1) as reserved
     from channels c join accounts a on a.id = c.id
     where c.id <> ? and (length(c.max), c.max) > (length(c.confirmed), c.confirmed)`,
    except,
  );
  return rows.reduce((sum, { charged, confirmed, reserved }) => {
    const exposed = BigInt(charged as string) + BigInt((reserved as string | null) ?? 0) - BigInt(confirmed as string);
    return exposed > 0n ? sum + exposed : sum;
  }, 0n);
}
