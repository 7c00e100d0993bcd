/** All limits of the gateway, in one place. Times in milliseconds unless a name says otherwise, amounts in atoms. */
export const limits = {
  /** Most bytes of a request body. */
  bodyBytes: 1_048_576,
  /** Most bytes of the head of a request; a payment takes half of them at most. */
  headerBytes: 32_768,
  /** Longest time for the head of a request to arrive, and for the whole of it. */
  headersMs: 8_000,
  requestMs: 10_000,
  /** Longest time an engine may work on a request, and a stream may take from its first to its last piece. */
  serviceMs: 60_000,
  /** Longest time that a client may leave a stream unread before it is cut off. */
  idleMs: 15_000,
  /** Longest wait for the settler to put a deposit or an exact payment on chain. */
  settleMs: 60_000,
  /** Life of a reservation: longer than settling and service together, far shorter than any withdrawal delay. */
  leaseMs: 150_000,
  /** Longest time that requests in flight are given to end when the gateway is stopped. */
  drainMs: 20_000,
  /** Longest time that requests which were aborted then have to be answered. */
  abortMs: 2_000,
  /** Requests in flight before new ones are told to come later. */
  concurrency: 256,
  /** A deposit that the settler pays the fee for covers at least this many calls at the price of the one it came with. */
  depositCalls: 10n,
  /** Blocks above a deposit before it counts in full; none on a local chain. */
  confirmations: 3,
  /** Most that one channel is served on deposits that are not confirmed. */
  exposureOfChannel: 100_000n,
  /** Most that all channels together are served on deposits that are not confirmed. */
  exposure: 5_000_000n,
  /** Most by which the clocks of a client and the gateway are taken to differ. */
  clockMs: 60_000,
  /** Life of a quote in seconds. */
  quoteSeconds: 600,
  /** Time in which a challenge must be signed. */
  challengeMs: 300_000,
  /** Life of a sign-in. */
  signInMs: 3_600_000,
  /** Time after which the newest block is asked for again before a licence is believed. */
  headMs: 500,
  /** Most gas of a wallet contract that is asked about a signature. */
  signatureGas: 1_000_000n,
  /** Time between two looks at the chain. */
  watchMs: 1_000,
  /** Time between two anchored heads of the receipt log, and between looks for work. */
  anchorMs: 10_000,
  /** Time between two looks for what is not yet copied out of the ledger. */
  keepMs: 250,
  /** Most leaves in one answer of the published log. */
  logPage: 4_096,
};

/** Limits of a gateway. */
export type Limits = Readonly<typeof limits>;
