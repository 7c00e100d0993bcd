import { lineAt } from '../source/lineAt.ts';
import { isTest, readAll, type TypeScript, visit } from '../source/TypeScript.ts';
import type { Finding } from './Finding.ts';

/** The base class of all errors is the only place that may build on the language's own. */
const BASE = 'src/internal/Errors.ts';
const UNTYPED = new Set(['Error', 'TypeError', 'RangeError', 'SyntaxError', 'EvalError', 'URIError', 'AggregateError']);

/** Code in `src/` throws typed errors only: none of the language's own classes, no text, no object. */
export async function errors(root: string): Promise<readonly Finding[]> {
  const sources = await readAll(root, 'src');
  return sources.filter(({ file }) => file !== BASE && !isTest(file)).flatMap(untyped);
}

function untyped(source: TypeScript): Finding[] {
  const findings: Finding[] = [];
  const add = (start: number, message: string): number =>
    findings.push({ file: source.file, line: lineAt(source.text, start), message });
  const create = (callee: { type: string }, start: number): void => {
    const name = callee.type === 'Identifier' && (callee as unknown as { name: string }).name;
    if (name && UNTYPED.has(name)) add(start, `creates an untyped ${name}`);
  };
  visit(source, {
    NewExpression: (node) => create(node.callee, node.start),
    CallExpression: (node) => create(node.callee, node.start),
    ThrowStatement(node) {
      const { type } = node.argument;
      if (/^(Literal|TemplateLiteral|ObjectExpression|ArrayExpression|BinaryExpression)$/.test(type))
        add(node.start, 'throws a value that is not an error');
    },
    ClassDeclaration(node) {
      const parent = node.superClass;
      if (parent?.type === 'Identifier' && UNTYPED.has(parent.name))
        add(node.start, `extends ${parent.name} instead of BaseError`);
    },
  });
  return findings;
}
