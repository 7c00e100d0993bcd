/** A name server over UDP that says what a test tells it to, with a time to live of zero. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** Addresses of a name at its n-th question (from 0) for records of a type. */
export type Zone = (name: string, type: 'A' | 'AAAA', question: number) => readonly string[];

/** Starts the server on a free port of the loopback interface. */
export async function startNameServer(zone: Zone) {
  const socket = createSocket('udp4');
  const asked = new Map<string, number>();
  socket.on('message', (query, peer) => {
    const { name, type, end } = readQuestion(query);
    const kind = type === 28 ? 'AAAA' : 'A';
    const key = `${name} ${kind}`;
    const count = asked.get(key) ?? 0;
    asked.set(key, count + 1);
    socket.send(answer(query.subarray(0, end), type, zone(name, kind, count)), peer.port, peer.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    /** How often a name was asked for, by `name type`. */
    asked,
    stop: () => new Promise<void>((resolve) => socket.close(resolve)),
  };
}

function readQuestion(query: Buffer) {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] as number; length > 0; length = query[at] as number) {
    labels.push(query.toString('ascii', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** The question again with its answers (RFC 1035, section 4.1). */
function answer(question: Buffer, type: number, addresses: readonly string[]): Buffer {
  const head = Buffer.from(question);
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(addresses.length, 6);
  head.fill(0, 8, 12);
  const records = addresses.map((address) => {
    const data = type === 28 ? bytes6(address) : Buffer.from(address.split('.').map(Number));
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0);
    record.writeUInt16BE(type, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt16BE(data.length, 10);
    return Buffer.concat([record, data]);
  });
  return Buffer.concat([head, ...records]);
}

function bytes6(address: string): Buffer {
  const [left = '', right] = address.split('::');
  const words = (text: string) => (text === '' ? [] : text.split(':'));
  const tail = words(right ?? '');
  const start = words(left);
  const middle = right === undefined ? [] : new Array(8 - start.length - tail.length).fill('0');
  const buffer = Buffer.alloc(16);
  for (const [at, word] of [...start, ...middle, ...tail].entries())
    buffer.writeUInt16BE(Number.parseInt(word, 16), at * 2);
  return buffer;
}
