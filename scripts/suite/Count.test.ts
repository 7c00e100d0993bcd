import { expect, test } from 'vitest';
import { ofForge, ofGitStatus, ofLastLine, ofVitest, sum } from './Count.ts';

test('reads the last summary of forge; skipped tests count as failed', () => {
  const output =
    'Ran 1 test suite in 6ms (2ms CPU time): 5 tests passed, 2 failed, 1 skipped (8 total tests)\n\nFailing tests:';
  expect(ofForge(output)).toEqual({ passed: 5, failed: 3 });
  expect(ofForge('No tests found in project!')).toBeUndefined();
});

test('reads the last line of a program', () => {
  expect(ofLastLine('1 passed, 0 failed\n12 passed, 3 failed\n')).toEqual({ passed: 12, failed: 3 });
  expect(ofLastLine('12 passed, 3 failed\nTypeError: x')).toBeUndefined();
  expect(ofLastLine('')).toBeUndefined();
});

test('reads the report of vitest; skipped tests and files that do not load count as failed', () => {
  const testResults = [
    { status: 'failed', assertionResults: [] },
    { status: 'failed', assertionResults: [{}, {}] },
    { status: 'passed', assertionResults: [{}, {}] },
  ];
  const report = JSON.stringify({ numTotalTests: 4, numPassedTests: 2, numPendingTests: 1, testResults });
  expect(ofVitest(report)).toEqual({ passed: 2, failed: 3 });
});

test('lets staged snapshots pass and refuses changed and new ones', () => {
  expect(ofGitStatus('')).toEqual({ passed: 1, failed: 0 });
  expect(ofGitStatus('M  contracts/snapshots/Channels.json\n')).toEqual({ passed: 1, failed: 0 });
  expect(ofGitStatus(' M contracts/snapshots/Channels.json\n')).toEqual({ passed: 0, failed: 1 });
  expect(ofGitStatus('?? contracts/snapshots/Channels.json\n')).toEqual({ passed: 0, failed: 1 });
});

test('adds counts', () => {
  expect(sum([])).toEqual({ passed: 0, failed: 0 });
  expect(
    sum([
      { passed: 1, failed: 2 },
      { passed: 3, failed: 4 },
    ]),
  ).toEqual({ passed: 4, failed: 6 });
});
