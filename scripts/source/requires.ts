import type { Expression } from 'oxc-parser';
import { lineAt } from './lineAt.ts';
import { type Reference, type TypeScript, visit } from './TypeScript.ts';

/**
 * The packages that a file loads or finds by `createRequire(...)(name)` and `createRequire(...).resolve(name)`: native
 * code and data that no import can name.
 */
export function requires(source: TypeScript): Reference[] {
  const found: Reference[] = [];
  visit(source, {
    CallExpression(node) {
      const { callee } = node;
      const isResolve =
        callee.type === 'MemberExpression' &&
        callee.property.type === 'Identifier' &&
        callee.property.name === 'resolve';
      if (!isRequire(isResolve ? (callee.object as Expression) : callee)) return;
      const [path] = node.arguments;
      const specifier = path && beginning(path);
      const name = specifier && /^(@[\w.-]+\/)?\w[\w.-]*(?=\/|$)/.exec(specifier)?.[0];
      if (name) found.push({ specifier: name, line: lineAt(source.text, node.start) });
    },
  });
  return found;
}

function isRequire(node: Expression): boolean {
  return node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === 'createRequire';
}

/** A literal, or what a template says before its first expression. */
function beginning(node: { type: string }): string | undefined {
  const { value, quasis } = node as { value?: unknown; quasis?: readonly { value: { raw: string } }[] };
  return typeof value === 'string' ? value : quasis?.[0]?.value.raw;
}
