import { createServer, type Server } from 'node:http';

/** What the settler tells about itself. */
export type Health = {
  /** Whether the last step went through. */
  readonly ok: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly unclaimedAtoms: bigint;
  readonly oldestUnclaimedMs: number;
  readonly lastError: string | undefined;
};

/** Serves `GET /healthz` and `GET /metrics` on 127.0.0.1 and nothing else. Returns the server once it listens. */
export function serve(port: number, health: () => Health): Promise<Server> {
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    const answer = request.method === 'GET' ? answerOf(request.url ?? '', health) : undefined;
    response.statusCode = answer?.status ?? 404;
    response.setHeader('content-type', answer?.type ?? 'text/plain');
    response.end(answer?.body ?? 'not found\n');
  });
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => done(server));
  });
}

function answerOf(path: string, health: () => Health): { status: number; type: string; body: string } | undefined {
  if (path === '/metrics') return { status: 200, type: 'text/plain; version=0.0.4', body: metrics(health()) };
  if (path !== '/healthz') return undefined;
  const { ok, counts, lastError } = health();
  const body = JSON.stringify({ status: ok ? 'ok' : 'failing', jobs: counts, lastError: lastError ?? null });
  return { status: ok ? 200 : 503, type: 'application/json', body: `${body}\n` };
}

function metrics({ ok, counts, unclaimedAtoms, oldestUnclaimedMs, lastError }: Health): string {
  const jobs = Object.entries(counts).map(([state, count]) => `agorai_settler_jobs{state="${state}"} ${count}`);
  const lines = [
    '# HELP agorai_settler_up Whether the last step went through.',
    '# TYPE agorai_settler_up gauge',
    `agorai_settler_up ${ok ? 1 : 0}`,
    '# HELP agorai_settler_jobs Jobs by state.',
    '# TYPE agorai_settler_jobs gauge',
    ...jobs,
    '# HELP agorai_settler_unclaimed_atoms Charged on channels and not claimed.',
    '# TYPE agorai_settler_unclaimed_atoms gauge',
    `agorai_settler_unclaimed_atoms ${unclaimedAtoms}`,
    '# HELP agorai_settler_oldest_unclaimed_seconds Age of the oldest charge that is not claimed.',
    '# TYPE agorai_settler_oldest_unclaimed_seconds gauge',
    `agorai_settler_oldest_unclaimed_seconds ${oldestUnclaimedMs / 1000}`,
  ];
  if (lastError !== undefined) lines.push(`agorai_settler_last_error{error=${JSON.stringify(lastError)}} 1`);
  return `${lines.join('\n')}\n`;
}
