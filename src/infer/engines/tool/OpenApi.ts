/** One operation of an OpenAPI 3.1 description: the schema of its arguments, and the request that they make. */
import * as z from 'zod';
import { BaseError } from '../../../internal/Errors.ts';

/** Methods of operations. */
const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

const schema = z.record(z.string(), z.json());
const parameter = z.object({
  name: z.string().min(1).max(200),
  in: z.enum(['path', 'query']),
  required: z.boolean().default(false),
  schema: schema.default({}),
});
const operation = z.object({
  operationId: z.string().optional(),
  parameters: z.array(z.unknown()).default([]),
  requestBody: z.unknown().optional(),
});
const requestBody = z.object({
  required: z.boolean().default(false),
  content: z.object({ 'application/json': z.object({ schema: schema.default({}) }) }),
});
const description = z.object({
  openapi: z.string().regex(/^3\.1\.\d+$/, 'is not 3.1'),
  paths: z.record(z.string().startsWith('/'), z.record(z.string(), z.unknown())),
  components: z.record(z.string(), z.unknown()).default({}),
});

type Parameter = z.infer<typeof parameter>;

/** An operation that can be called. */
export type Operation = {
  readonly method: Uppercase<(typeof methods)[number]>;
  /** With `{name}` where an argument goes. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Whether the argument `body` is the body of the request. */
  readonly takesBody: boolean;
  /** Of all arguments: one property a parameter, and `body`. */
  readonly schema: object;
};

/**
 * Finds an operation. The servers that the description names are not used: the seller's configuration says where it is.
 *
 * @throws {MalformedError} when the description is not valid, or lacks the operation, or that needs a header or cookie.
 */
export function parse(text: string, operationId: string): Operation {
  try {
    return find(description.parse(JSON.parse(text)), operationId);
  } catch (cause) {
    if (cause instanceof MalformedError) throw cause;
    throw new MalformedError(cause instanceof z.ZodError ? z.prettifyError(cause) : 'it is not JSON', cause);
  }
}

/** Path with query, and body, of a call with arguments that the schema accepted. */
export function toRequest({ path, parameters, takesBody }: Operation, args: Readonly<Record<string, unknown>>) {
  const query = new URLSearchParams();
  let target = path;
  for (const { name, in: place } of parameters) {
    if (!Object.hasOwn(args, name)) continue;
    const value = args[name];
    if (place === 'path') target = target.replaceAll(`{${name}}`, () => segment(name, value));
    else for (const item of [value].flat()) query.append(name, plain(name, item));
  }
  const body = takesBody && Object.hasOwn(args, 'body') ? { body: JSON.stringify(args.body) } : {};
  return { path: query.size > 0 ? `${target}?${query}` : target, ...body };
}

/** Why arguments that the schema accepted make no request, or nothing. */
export function refuse(operation: Operation, args: Readonly<Record<string, unknown>>): string | undefined {
  try {
    toRequest(operation, args);
    return undefined;
  } catch (error) {
    if (error instanceof ArgumentError) return error.shortMessage;
    throw error;
  }
}

type Description = z.infer<typeof description>;

function find(document: Description, operationId: string): Operation {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      const candidate = operation.safeParse(item[method]);
      if (!candidate.success || candidate.data.operationId !== operationId) continue;
      const shared = z.array(z.unknown()).default([]).parse(item.parameters);
      return describe(document, path, method, { ...candidate.data, shared });
    }
  }
  throw new MalformedError(`it has no operation ${operationId}`);
}

function describe(
  document: Description,
  path: string,
  method: (typeof methods)[number],
  found: z.infer<typeof operation> & { readonly shared: readonly unknown[] },
): Operation {
  const read = (one: unknown) => parameter.parse(resolve(document, one));
  const own = found.parameters.map(read);
  // What an operation says of a parameter goes before what its path says of it.
  const isOwn = (one: Parameter) => own.some(({ name, in: place }) => name === one.name && place === one.in);
  const parameters = [...found.shared.map(read).filter((one) => !isOwn(one)), ...own];
  const body = found.requestBody === undefined ? undefined : requestBody.parse(resolve(document, found.requestBody));
  const all = [
    ...parameters.map(({ name, required, in: place, schema }) => ({
      name,
      required: required || place === 'path',
      schema,
    })),
    ...(body ? [{ name: 'body', required: body.required, schema: body.content['application/json'].schema }] : []),
  ];
  const inPath = [...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name);
  if (inPath.some((name) => !parameters.some((one) => one.in === 'path' && one.name === name))) {
    throw new MalformedError(`${path} names what is no parameter`);
  }
  if (new Set(all.map(({ name }) => name)).size < all.length) throw new MalformedError('two parameters have one name');
  return {
    method: method.toUpperCase() as Operation['method'],
    path,
    parameters,
    takesBody: body !== undefined,
    schema: {
      type: 'object',
      properties: Object.fromEntries(all.map(({ name, schema }) => [name, schema])),
      required: all.filter(({ required }) => required).map(({ name }) => name),
      additionalProperties: false,
      // References of the description are to its own components.
      components: document.components,
    },
  };
}

/** What a reference to the description's components leads to. */
function resolve(document: Description, value: unknown): unknown {
  const reference = z.object({ $ref: z.string().startsWith('#/components/') }).safeParse(value);
  if (!reference.success) return value;
  const names = reference.data.$ref.slice(2).split('/');
  return names.reduce<unknown>(
    (at, name) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? at[name as keyof typeof at] : undefined,
    document,
  );
}

/** A value as one segment of a path. Dots alone would lead to another path, whatever their encoding. */
function segment(name: string, value: unknown): string {
  const text = plain(name, value);
  if (/^\.{0,2}$/.test(text)) throw new ArgumentError(name);
  return encodeURIComponent(text);
}

function plain(name: string, value: unknown): string {
  if (typeof value === 'object') throw new ArgumentError(name);
  const text = String(value);
  if (!text.isWellFormed()) throw new ArgumentError(name);
  return text;
}

/** The description is not one, or not of what can be called. */
export class MalformedError extends BaseError {
  override readonly name = 'OpenApi.MalformedError';
  constructor(reason: string, cause?: unknown) {
    super(`The OpenAPI description cannot be used: ${reason}.`, { code: 'infer.openapi', docsPath: 'infer.md', cause });
  }
}

/** An argument cannot stand in a URL. */
export class ArgumentError extends BaseError {
  override readonly name = 'OpenApi.ArgumentError';
  constructor(name: string) {
    super(`The argument ${name} cannot stand in a URL.`, { code: 'infer.tool-argument', docsPath: 'infer.md' });
  }
}
