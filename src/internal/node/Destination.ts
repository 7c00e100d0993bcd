/** Where a request may go: the forms of URLs, and the addresses that are public. Nothing here looks at the network. */
import { BlockList, isIP } from 'node:net';
import { BaseError } from '../Errors.ts';

/** Ports on which upstreams that nobody listed may be reached. */
export const PORTS: ReadonlySet<string> = new Set(['', '8443']);

/** A URL above this length is refused. */
export const MAX_LENGTH = 2_048;

/** IPv4 blocks that are not public (IANA's registry of special-purpose addresses), and one host that clouds keep inside. */
const special4 = new BlockList();
for (const block of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  // Azure's metadata and health service has a public address that each machine reaches privately.
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]) {
  const [net = '', prefix] = block.split('/');
  special4.addSubnet(net, Number(prefix), 'ipv4');
}

/**
 * IPv6 is the other way round: only 2000::/3 is given out, so all else is refused, which covers mapped addresses, NAT64,
 * unique local and link-local ones. Within it, the blocks that carry an IPv4 address or lead nowhere are taken out.
 */
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');
const special6 = new BlockList();
special6.addSubnet('2001::', 23, 'ipv6');
special6.addSubnet('2001:db8::', 32, 'ipv6');
special6.addSubnet('2002::', 16, 'ipv6');
special6.addSubnet('2620:4f:8000::', 48, 'ipv6');
special6.addSubnet('3fff::', 20, 'ipv6');

/** Names that never lead to a public host, whatever a name server says. */
const localName = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|home\.arpa|onion|test|invalid)$/;

/** Whether an IP address, in the text form of a resolver, is one of the public Internet. Zones are not. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !special4.check(address, 'ipv4');
  if (isIP(address) !== 6 || address.includes('%')) return false;
  return global6.check(address, 'ipv6') && !special6.check(address, 'ipv6');
}

/** The host of a URL without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/**
 * Reads a URL that requests may go to: `https` on a listed port to a public name or address, or exactly one of the
 * origins in `allowed`. The reader is that of the WHATWG, which knows every way to write an IPv4 address.
 *
 * @throws {RefusedError} that says why not.
 */
export function parse(text: string, allowed: ReadonlySet<string> = new Set()): URL {
  if (text.length > MAX_LENGTH) throw new RefusedError(`a URL of more than ${MAX_LENGTH} characters`);
  // Readers differ about these: some take a backslash for a slash, some drop line ends.
  const plain = !/[\s\\]/.test(text);
  const url = plain && URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw new RefusedError('what is not a URL');
  if (url.username !== '' || url.password !== '') throw new RefusedError('a URL with a user name or password');
  const web = url.protocol === 'https:' || url.protocol === 'http:';
  if (web && allowed.has(url.origin)) return url;

  if (url.protocol !== 'https:') throw new RefusedError(`the scheme ${url.protocol}`);
  if (!PORTS.has(url.port)) throw new RefusedError(`the port ${url.port}`);
  const host = hostOf(url);
  if (isIP(host) !== 0) {
    if (!isPublic(host)) throw new RefusedError(`the address ${host}, which is not public`);
    return url;
  }
  // A trailing dot or a single label is read by some resolvers with a local search list.
  if (host.endsWith('.') || !host.includes('.')) throw new RefusedError(`the name ${host}, which is not a full one`);
  if (localName.test(host)) throw new RefusedError(`the name ${host}, which is not public`);
  return url;
}

/** A request that is not sent. */
export class RefusedError extends BaseError {
  override readonly name = 'Destination.RefusedError';
  constructor(what: string) {
    super(`No request goes to ${what}.`, {
      code: 'egress.refused',
      docsPath: 'infer.md',
      hint: 'A seller lists an upstream in its own network under "allow" in the configuration of its gateway.',
    });
  }
}
