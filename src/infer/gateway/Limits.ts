/** All limits of the gateway, in one place. Times in milliseconds. */
export const limits = {
  /** Most bytes of a request body. */
  bodyBytes: 1_048_576,
  /** Longest time for the head of a request to arrive, and for the whole of it. */
  headersMs: 8_000,
  requestMs: 10_000,
  /** Longest time an engine may work on a request. */
  serviceMs: 60_000,
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
  /** Life of a quote in seconds. */
  quoteSeconds: 600,
  /** Time between two looks at the chain. */
  watchMs: 1_000,
  /** Time between two anchored heads of the receipt log, and between looks for work. */
  anchorMs: 10_000,
  /** Time between two looks for what is not yet copied out of the ledger. */
  keepMs: 250,
  /** Most leaves in one answer of the published log. */
  logPage: 4_096,
} as const;
