import type { Expression, MemberExpression, Node } from 'oxc-parser';
import { lineAt } from '../source/lineAt.ts';
import { isTest, readAll, type TypeScript, visit } from '../source/TypeScript.ts';
import type { Finding } from './Finding.ts';

/** The one module through which a seller's processes send requests, and the list of what it may send them to. */
const WAYS = new Set(['src/internal/node/egress.ts', 'src/internal/node/Destination.ts']);

/** Modules that can open a connection. */
const MODULES = /^(?:node:)?(?:http|https|http2|net|tls|dgram|dns|dns\/promises)$|^(?:undici|ws|axios|node-fetch)$/;

/** Globals that can open a connection. */
const GLOBALS = new Set(['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'WebTransport']);

/** What has all globals as its properties; of another name in other places, which Node does not have. */
const WHOLE = new Set(['globalThis', 'global']);

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
  const findings: Finding[] = [];
  const add = (start: number, what: string): void => {
    findings.push({ file, line: lineAt(text, start), message: `${what}; requests go through egress` });
  };
  for (const { specifier, start } of values(source)) if (MODULES.test(specifier)) add(start, `imports ${specifier}`);
  walk(source.syntax.program, (node, name) => {
    if (node.type === 'Identifier') {
      if (GLOBALS.has(node.name)) add(node.start, `uses ${node.name}`);
      if (WHOLE.has(node.name)) add(node.start, `uses ${node.name} as a whole`);
    }
    if (node.type === 'MemberExpression' && name !== undefined && GLOBALS.has(name)) add(node.start, `uses ${name}`);
    if (node.type === 'CallExpression' && isLoader(node.callee)) {
      const [argument] = node.arguments;
      const loaded = argument?.type === 'Literal' ? String(argument.value) : '';
      if (MODULES.test(loaded)) add(node.start, `imports ${loaded}`);
    }
  });
  return findings.sort((one, other) => (one.line ?? 0) - (other.line ?? 0));
}

/** Modules of which more than types are imported, re-exported or loaded when it runs. */
function values(source: TypeScript): { specifier: string; start: number }[] {
  const found: { specifier: string; start: number }[] = [];
  const add = ({ value, start }: { value: string; start: number }): void => {
    found.push({ specifier: value, start });
  };
  visit(source, {
    ImportDeclaration({ source: module, importKind, specifiers }) {
      const isType =
        specifiers.length > 0 && specifiers.every((one) => 'importKind' in one && one.importKind === 'type');
      if (importKind !== 'type' && !isType) add(module);
    },
    ExportNamedDeclaration({ source: module, exportKind }) {
      if (module && exportKind !== 'type') add(module);
    },
    ExportAllDeclaration({ source: module, exportKind }) {
      if (exportKind !== 'type') add(module);
    },
    // A path that is known only when it runs is a finding of the check of imports.
    ImportExpression({ source: module }) {
      if (module.type === 'Literal' && typeof module.value === 'string')
        found.push({ specifier: module.value, start: module.start });
      if (module.type === 'TemplateLiteral')
        found.push({ specifier: module.quasis[0]?.value.raw ?? '', start: module.start });
    },
  });
  return found;
}

/** Whether a call of it can load a module: `require`, what `createRequire` gives, whatever its name, `getBuiltinModule`. */
function isLoader(callee: Expression): boolean {
  const isMember = callee.type === 'MemberExpression' && callee.property.type === 'Identifier';
  return isMember ? /^(?:require|getBuiltinModule|binding)$/.test(nameOf(callee) ?? '') : true;
}

/** The name of the property, where it is written down. */
function nameOf({ property, computed }: MemberExpression): string | undefined {
  if (property.type === 'Identifier' && !computed) return property.name;
  return property.type === 'Literal' ? String(property.value) : undefined;
}

/**
 * Calls back for each node that is evaluated: no types, no names of properties, nor an object of all globals of which
 * one is named, which comes as that name instead.
 */
function walk(node: Node, found: (node: Node, name?: string) => void): void {
  if (
    /^TS/.test(node.type) &&
    !/^TS(?:As|Satisfies|NonNull|Instantiation)Expression$|^TSTypeAssertion$/.test(node.type)
  )
    return;
  const parts = Object.entries(node);
  if (node.type === 'MemberExpression') {
    const { object, property, computed } = node;
    const isGlobal = object.type === 'Identifier' && /^(?:globalThis|window|self|global)$/.test(object.name);
    const name = isGlobal ? nameOf(node) : undefined;
    found(node, name);
    if (name === undefined) walk(object, found);
    if (computed) walk(property, found);
    return;
  }
  found(node);
  for (const [key, part] of parts) {
    const isName = (key === 'key' && 'computed' in node && !node.computed) || (key === 'label' && 'label' in node);
    if (isName) continue;
    for (const child of [part].flat()) if (isNode(child)) walk(child, found);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
