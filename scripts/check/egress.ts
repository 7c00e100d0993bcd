import { lineAt } from '../source/lineAt.ts';
import { isTest, readAll, references, type TypeScript, visit } from '../source/TypeScript.ts';
import type { Finding } from './Finding.ts';

/** The one module through which a seller's processes send requests, and the list of what it may send them to. */
const WAYS = new Set(['src/internal/node/egress.ts', 'src/internal/node/Destination.ts']);

/** Modules that can open a connection. */
const MODULES = /^(?:node:)?(?:http|https|http2|net|tls|dgram|dns|dns\/promises)$|^(?:undici|ws|axios|node-fetch)$/;

/** Globals that can open a connection. */
const GLOBALS = new Set(['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'WebTransport']);

/** Who else may, and what for. Each runs for its own user, or talks to the chain node or the process that it names. */
const EXEMPT: ReadonlyMap<string, string> = new Map([
  ['src/audit/readPublishedLog.ts', 'an auditor reads the log at the address that the auditor names; runs in browsers'],
  ['src/chain/devchain.ts', 'the local chain, on loopback'],
  ['src/cli/findGateway.ts', 'a buyer asks the gateway that the buyer names'],
  ['src/cli/readStatus.ts', 'the processes of the same home, on loopback'],
  ['src/cli/settleNow.ts', 'the settler of the same person, on loopback'],
  ['src/cli/up/startChain.ts', 'looks for a free port'],
  ['src/infer/gateway/startGateway.ts', 'listens'],
  ['src/infer/signIn.ts', 'a holder signs in with the gateway that the holder names; runs in browsers'],
  ['src/pay/createPayer.ts', 'a buyer pays the server that the buyer names; runs in browsers'],
  ['src/pay/payCall.ts', 'the same'],
  ['src/settle/settler/serve.ts', 'listens, on loopback'],
  ['src/settle/settler/startSettler.ts', 'listens, on loopback'],
]);

/**
 * Nothing in `src/` opens a connection but the module for it and the files of the list. What speaks to
 * the chain does so through viem.
 */
export async function egress(root: string): Promise<readonly Finding[]> {
  const sources = await readAll(root, 'src');
  const found = sources
    .filter(({ file }) => !isTest(file) && !WAYS.has(file))
    .map((source) => [source.file, ways(source)] as const);
  const present = new Map(found);
  const stale = [...EXEMPT.keys()].filter((file) => present.get(file)?.length === 0);
  return [
    ...found.filter(([file]) => !EXEMPT.has(file)).flatMap(([, findings]) => findings),
    ...stale.map((file) => ({ file, message: 'is exempt from the rule of egress and does not need to be' })),
  ];
}

function ways(source: TypeScript): Finding[] {
  const { file, text } = source;
  const findings: Finding[] = references(source)
    .filter(({ specifier }) => MODULES.test(specifier))
    .map(({ specifier, line }) => ({ file, line, message: `imports ${specifier}; requests go through egress` }));
  const add = (node: { start: number }, name: string): void => {
    findings.push({ file, line: lineAt(text, node.start), message: `uses ${name}; requests go through egress` });
  };
  visit(source, {
    CallExpression({ callee }) {
      if (callee.type === 'Identifier' && GLOBALS.has(callee.name)) add(callee, callee.name);
    },
    NewExpression({ callee }) {
      if (callee.type === 'Identifier' && GLOBALS.has(callee.name)) add(callee, callee.name);
    },
    MemberExpression(node) {
      const { object, property } = node;
      const isGlobal = object.type === 'Identifier' && /^(?:globalThis|window|self|global)$/.test(object.name);
      if (isGlobal && property.type === 'Identifier' && GLOBALS.has(property.name)) add(node, property.name);
    },
  });
  return findings;
}
