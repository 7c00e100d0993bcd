import { createServer, type Server } from 'node:http';

/** What the settler tells about itself. */
export type Health = {
  /** Whether the last step went through. */
  readonly ok: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly unclaimedAtoms: bigint;
  readonly oldestUnclaimedMs: number;
  /** Seconds until the first payer who is leaving can take out what is not claimed, undefined when there is none. */
  readonly deadlineSeconds: number | undefined;
  /** Channels whose claims a contract refuses. */
  readonly poisoned: number;
  /** Transactions that took the place of one that was not mined. */
  readonly repriced: number;
  /** What was spent today, and the caps: atoms given back by each kind of work, wei of gas. */
  readonly day: { readonly gas: bigint; readonly given: Readonly<Record<string, bigint>> };
  readonly caps: { readonly dailyAtoms: bigint; readonly dailyGas: bigint };
  /** Wei that the sending key holds. */
  readonly wei: bigint;
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

type Gauge = readonly [name: string, help: string, values: readonly (readonly [labels: string, value: unknown])[]];

/** Every gauge: name, meaning, values with their labels. */
function gaugesOf(health: Health): readonly Gauge[] {
  const { ok, counts, unclaimedAtoms, oldestUnclaimedMs, deadlineSeconds, day, caps, lastError } = health;
  const states = Object.entries(counts).map(([state, count]) => [`{state="${state}"}`, count] as const);
  return [
    ['up', 'Whether the last step went through.', [['', ok ? 1 : 0]]],
    ['jobs', 'Jobs by state.', states],
    ['unclaimed_atoms', 'Charged on channels and not claimed.', [['', unclaimedAtoms]]],
    ['oldest_unclaimed_seconds', 'Age of the oldest charge that is not claimed.', [['', oldestUnclaimedMs / 1000]]],
    [
      'deadline_seconds',
      'Time until a payer who is leaving can take out what is not claimed.',
      deadlineSeconds === undefined ? [] : [['', deadlineSeconds]],
    ],
    ['poisoned_channels', 'Channels whose claims a contract refuses.', [['', health.poisoned]]],
    ['repriced_transactions', 'Transactions that were replaced at a higher price.', [['', health.repriced]]],
    [
      'day_spent',
      'Spent today (UTC).',
      [
        ...Object.entries(day.given).map(([kind, atoms]) => [`{unit="atoms",kind="${kind}"}`, atoms] as const),
        ['{unit="wei"}', day.gas],
      ],
    ],
    [
      'day_cap',
      'Most that is spent a day; the atoms are for each kind.',
      [
        ['{unit="atoms"}', caps.dailyAtoms],
        ['{unit="wei"}', caps.dailyGas],
      ],
    ],
    ['sender_wei', 'What the sending key holds for fees.', [['', health.wei]]],
    ['last_error', 'The last failure.', lastError === undefined ? [] : [[`{error=${JSON.stringify(lastError)}}`, 1]]],
  ];
}

function metrics(health: Health): string {
  const lines = gaugesOf(health).flatMap(([name, help, values]) => [
    `# HELP agorai_settler_${name} ${help}`,
    `# TYPE agorai_settler_${name} gauge`,
    ...values.map(([labels, value]) => `agorai_settler_${name}${labels} ${value}`),
  ]);
  return `${lines.join('\n')}\n`;
}
