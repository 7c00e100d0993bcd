/** How many tests or checks passed and failed. A skipped test proves nothing and counts as failed. */
export type Count = { readonly passed: number; readonly failed: number };

/** Adds counts. */
export function sum(counts: readonly Count[]): Count {
  return counts.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed }), {
    passed: 0,
    failed: 0,
  });
}

/** The summary of `forge test`: "2 tests passed, 1 failed, 0 skipped (3 total tests)". */
export function ofForge(output: string): Count | undefined {
  const match = [...output.matchAll(/(\d+) tests passed, (\d+) failed, (\d+) skipped \(\d+ total tests\)/g)].at(-1);
  return match && { passed: Number(match[1]), failed: Number(match[2]) + Number(match[3]) };
}

/** The last line of our own programs: "2 passed, 1 failed". */
export function ofLastLine(output: string): Count | undefined {
  const match = /^(\d+) passed, (\d+) failed$/.exec(output.trimEnd().split('\n').at(-1) ?? '');
  return match ? { passed: Number(match[1]), failed: Number(match[2]) } : undefined;
}

/** `git status --porcelain`: what is staged is meant to change; any other change is a failure. */
export function ofGitStatus(output: string): Count {
  const isChanged = output.split('\n').some((line) => line !== '' && line[1] !== ' ');
  return { passed: isChanged ? 0 : 1, failed: isChanged ? 1 : 0 };
}

type VitestReport = {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly testResults: readonly { status: string; assertionResults: readonly unknown[] }[];
};

/** The JSON report of vitest. A file that could not be loaded has no tests and counts as one failure. */
export function ofVitest(report: string): Count {
  const { numTotalTests, numPassedTests, testResults } = JSON.parse(report) as VitestReport;
  const broken = testResults.filter((one) => one.status === 'failed' && one.assertionResults.length === 0);
  return { passed: numPassedTests, failed: numTotalTests - numPassedTests + broken.length };
}
