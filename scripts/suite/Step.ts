import type { Count } from './Count.ts';

/** The groups of steps, and the seconds each may take on two cores. */
export const BUDGETS = { contracts: 420, TypeScript: 360, checks: 60 } as const;

/** One command of the test run. */
export type Step = {
  readonly name: string;
  readonly group: keyof typeof BUDGETS;
  /** Uses all cores: two heavy steps never run at once. */
  readonly isHeavy: boolean;
  readonly command: readonly [program: string, ...args: string[]];
  /** Steps that must have ended before, if they run at all. */
  readonly after?: readonly string[];
  /** A step that must have passed; otherwise this one is not run and counts as failed. */
  readonly needs?: string;
  /** Reads the counts from the output; without it the step counts as one. */
  readonly count?: (output: string) => Count | undefined;
  /** Turns the output of a failed step into what a reader needs. */
  readonly explain?: (output: string) => string;
};

/** How a step ended. */
export type Outcome = {
  readonly step: Step;
  readonly count: Count;
  readonly seconds: number;
  readonly output: string;
};
