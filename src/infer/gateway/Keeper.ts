import type * as Ledger from '../../pay/Ledger.ts';

/**
 * Keeps a copy of what the ledger says outside of it, so that the seller can leave without gateway and ledger. The
 * gateway calls it and does not know where the copy goes; nothing waits for it.
 */
export type Keeper = {
  /** Begins to copy. Throws when the ledger is an old backup: the copy or the chain knows more. */
  begin(ledger: Ledger.Ledger): Promise<void>;
  /** Copies what is new. Resolves when it is on disk. */
  update(): Promise<void>;
};

/** For a gateway without a copy. */
export const none: Keeper = { begin: async () => undefined, update: async () => undefined };
