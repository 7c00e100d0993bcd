/** Work that is under way. A stream is, until its last byte, though its handler has answered long before. */
export type InFlight = {
  count(): number;
  /** Counts a piece of work until it ends, and returns it. */
  track<T>(work: Promise<T>): Promise<T>;
  /** Resolves once nothing is under way. */
  idle(): Promise<void>;
};

/** Counts work and waits for it. */
export function create(): InFlight {
  const running = new Set<Promise<unknown>>();
  return {
    count: () => running.size,
    track(work) {
      running.add(work);
      const end = () => running.delete(work);
      work.then(end, end);
      return work;
    },
    async idle() {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}
