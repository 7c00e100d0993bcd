import { type Declaration, isExternal, readAll, type Unit } from '../source/Solidity.ts';
import type { Finding } from './Finding.ts';

const DOCUMENTED = new Set(['function', 'event', 'error', 'struct']);

/**
 * Interfaces carry the whole documentation: a notice on every function, event, error and struct, and each parameter and
 * return value of a function. What a contract offers others inherits it or has its own.
 */
export async function natspec(root: string): Promise<readonly Finding[]> {
  const units = await readAll(root);
  return units.flatMap((unit) =>
    unit.declarations.flatMap((one) => {
      const faults = unit.file.startsWith('contracts/src/interfaces/') ? ofInterface(one) : ofContract(unit, one);
      return faults.map((fault) => ({
        file: unit.file,
        line: one.line,
        message: `${unit.name}.${one.name}: ${fault}`,
      }));
    }),
  );
}

function ofInterface(one: Declaration): string[] {
  if (!DOCUMENTED.has(one.kind) || /@inheritdoc +\w/.test(one.documentation)) return [];
  const faults = /@notice +\S/.test(one.documentation) ? [] : ['no @notice'];
  if (one.kind !== 'function') return faults;
  for (const name of one.parameters) {
    if (name === '') faults.push('a parameter has no name');
    else if (!new RegExp(`@param +${name} +\\S`).test(one.documentation)) faults.push(`no @param ${name}`);
  }
  const returns = one.documentation.match(/@return +\S/g)?.length ?? 0;
  if (returns < one.returns.length) faults.push(`${one.returns.length} return values, ${returns} @return`);
  return faults;
}

function ofContract(unit: Unit, one: Declaration): string[] {
  if (!isExternal(unit, one)) return [];
  return /@(inheritdoc|notice) +\S/.test(one.documentation) ? [] : ['neither @inheritdoc nor @notice'];
}
