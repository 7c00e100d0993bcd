/** Arguments of a tool, checked by the JSON Schema (2020-12) that its seller declared. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { BaseError } from '../../../internal/Errors.ts';

/** Says what is wrong with some arguments, or nothing. */
export type Check = (args: unknown) => string | undefined;

/**
 * Compiles a schema. Formats are not checked, unknown words are ignored, and nothing is fetched.
 *
 * @throws {SchemaError} when it is not a schema or refers to what is not there.
 */
export function compile(schema: object): Check {
  const validate = create(schema);
  return (args) => {
    if (validate(args)) return undefined;
    const [error] = validate.errors ?? [];
    return `${error?.instancePath || 'it'} ${error?.message ?? 'is not what the tool takes'}`;
  };
}

function create(schema: object): ValidateFunction {
  try {
    return new Ajv2020({ strict: false, validateFormats: false, ownProperties: true }).compile(schema);
  } catch (cause) {
    throw new SchemaError(cause instanceof Error ? cause.message : 'it is not one', cause);
  }
}

/** The schema of a tool's arguments cannot be used. */
export class SchemaError extends BaseError {
  override readonly name = 'Arguments.SchemaError';
  constructor(reason: string, cause?: unknown) {
    super(`The schema of the arguments cannot be used: ${reason}.`, {
      code: 'infer.tool-schema',
      docsPath: 'infer.md',
      cause,
    });
  }
}
