/** Whether two addresses or hashes are the same, however their letters are written. Nothing is the same as none. */
export function isSameAddress(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a.toLowerCase() === b?.toLowerCase();
}
