/** One fault that a checker found. `file` is relative to the root that was checked. */
export type Finding = { readonly file: string; readonly line?: number; readonly message: string };

/** Looks at a source tree and names every fault in it; an empty list means that the tree is sound. */
export type Check = (root: string) => Promise<readonly Finding[]>;

/** Prints as `file:line message`, which editors and terminals turn into a link. */
export function format(finding: Finding): string {
  const line = finding.line === undefined ? '' : `:${finding.line}`;
  return `${finding.file}${line} ${finding.message}`;
}
