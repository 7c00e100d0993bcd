import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startHostileServer } from '../../../test/actors/startHostileServer.ts';
import { startNameServer, type Zone } from '../../../test/actors/startNameServer.ts';
import * as Destination from './Destination.ts';
import { FailedError, LimitError, OriginError, openEgress, readAll, type send } from './egress.ts';

const server = await startHostileServer();
afterAll(() => server.stop());
const egress = openEgress({ allow: [server.origin] });

const answering = (text: string) => {
  server.state.behave = (socket) => socket.end(text);
};
const get = async (path: string, request: send.Request = {}) => {
  const answer = await egress.send(`${server.origin}${path}`, request);
  return Buffer.from(await readAll(answer)).toString();
};

describe('send', () => {
  test('sends what it is told and reads the answer', async () => {
    answering('HTTP/1.1 201 Created\r\ncontent-length: 5\r\nx-a: 1\r\nx-a: 2\r\n\r\nhello');
    const answer = await egress.send(`${server.origin}/a?b=1`, {
      method: 'POST',
      headers: { 'x-key': 'k', 'accept-encoding': 'gzip' },
      body: 'höm',
    });
    expect([answer.status, answer.header('x-a'), answer.header('none')]).toEqual([201, '1, 2', undefined]);
    expect(Buffer.from(await readAll(answer)).toString()).toBe('hello');
    const head = server.state.heads.at(-1)?.toLowerCase();
    expect(head).toMatch(/^post \/a\?b=1 http\/1\.1\r\n/);
    expect(head).toContain('x-key: k\r\n');
    expect(head).toContain('content-length: 4\r\n');
    expect(head).toContain('accept-encoding: identity\r\n');
  });

  test.each([301, 302, 303, 307, 308])('A-020: a redirect (%i) is an error and nothing follows it', async (status) => {
    const inner = await startHostileServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nsecret'));
    answering(`HTTP/1.1 ${status} Moved\r\nlocation: ${inner.origin}/\r\ncontent-length: 0\r\n\r\n`);
    await expect(get('/')).rejects.toThrow(FailedError);
    expect(inner.state.connections).toBe(0);
    await inner.stop();
  });

  test('A-018: a refused URL opens no connection', async () => {
    const before = server.state.connections;
    await expect(openEgress().send(`${server.origin}/`, {})).rejects.toThrow(Destination.RefusedError);
    await expect(openEgress().send(`https://127.0.0.1:${server.port}/`, {})).rejects.toThrow(Destination.RefusedError);
    expect(server.state.connections).toBe(before);
  });

  test('header values with line ends are refused before anything is sent', async () => {
    const before = server.state.heads.length;
    await expect(get('/', { headers: { a: 'b\r\nc: d' } })).rejects.toMatchObject({ code: 'ERR_INVALID_CHAR' });
    expect(server.state.heads.length).toBe(before);
  });

  test("an abort ends the request with the caller's reason, before and after the head, and closes the connection", async () => {
    for (const head of ['', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n']) {
      const controller = new AbortController();
      server.state.behave = (socket) => {
        socket.write(head);
        setTimeout(() => controller.abort(new RangeError('gone')), 20);
      };
      const { closed } = server.state;
      await expect(get('/', { signal: controller.signal })).rejects.toThrow('gone');
      await vi.waitFor(() => expect(server.state.closed).toBeGreaterThan(closed));
    }
    await expect(get('/', { signal: AbortSignal.abort(new RangeError('early')) })).rejects.toThrow('early');
  });
});

describe('A-023: what a hostile upstream answers ends within the limits', () => {
  const chunk = `400\r\n${'x'.repeat(1_024)}\r\n`;
  const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
  const small = { maxBytes: 10_000, totalMs: 2_000, idleMs: 300 };

  test('an endless body', async () => {
    server.state.behave = (socket) => {
      socket.write(chunked);
      const pump = () => {
        while (!socket.destroyed && socket.write(chunk));
        if (!socket.destroyed) socket.once('drain', pump);
      };
      pump();
    };
    const { closed } = server.state;
    await expect(get('/', { limits: small })).rejects.toThrow('longer than 10000 bytes');
    await vi.waitFor(() => expect(server.state.closed).toBeGreaterThan(closed));
  });

  test('a gzip bomb is not even opened', async () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000));
    for (const coding of ['gzip', 'x-gzip', 'br', 'identity, gzip', '']) {
      server.state.behave = (socket) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: ${coding}\r\ncontent-length: ${bomb.length}\r\n\r\n`);
        socket.end(bomb);
      };
      await expect(get('/', { limits: small })).rejects.toThrow(FailedError);
    }
  });

  test('a head of a megabyte', async () => {
    server.state.behave = (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1_000_000)}\r\n\r\n`);
    await expect(get('/', { limits: small })).rejects.toThrow(LimitError);
  });

  test('trailers of a megabyte', async () => {
    server.state.behave = (socket) => socket.write(`${chunked}${chunk}0\r\nx: ${'y'.repeat(1_000_000)}\r\n\r\n`);
    await expect(get('/', { limits: small })).rejects.toThrow(/cut off|failed/);
  });

  test.each([
    ['a promise of more than is allowed', 'HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n', 'longer than 10000'],
    ['silence before the head', '', LimitError],
    ['silence after the head', chunked, LimitError],
    ['silence within the head', 'HTTP/1.1 200 OK\r\nx: ', LimitError],
    ['a switch of protocols', 'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n', FailedError],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', FailedError],
    [
      'length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      FailedError,
    ],
    ['a length that is no number', 'HTTP/1.1 200 OK\r\ncontent-length: ten\r\n\r\n', FailedError],
    ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n', FailedError],
    ['chunks of no size', `${chunked}zz\r\n`, FailedError],
  ])('%s', async (_, text, error) => {
    server.state.behave = (socket) => socket.write(text);
    await expect(get('/', { limits: small })).rejects.toThrow(error);
  });

  test.each([
    ['a body cut short', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc'],
    ['a chunk cut short', `${chunked}400\r\nabc`],
    ['no answer', ''],
  ])('%s', async (_, text) => {
    answering(text);
    await expect(get('/', { limits: small })).rejects.toThrow(FailedError);
  });

  test('bytes beyond the length are not read', async () => {
    answering('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\n\r\nmore');
    expect(await get('/', { limits: small })).toBe('abc');
  });

  test('a drip that is never silent for long', async () => {
    server.state.behave = (socket) => {
      socket.write(chunked);
      const drip = setInterval(() => socket.write('1\r\nx\r\n'), 50);
      socket.on('close', () => clearInterval(drip));
    };
    await expect(get('/', { limits: { ...small, totalMs: 500 } })).rejects.toThrow(LimitError);
  });

  test('informational answers without end', async () => {
    server.state.behave = (socket) => {
      const drip = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n'), 20);
      socket.on('close', () => clearInterval(drip));
    };
    await expect(get('/', { limits: { ...small, totalMs: 500 } })).rejects.toThrow(LimitError);
  });
});

describe('A-021: names', () => {
  let dials: string[];
  const seen = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    socket.on('connectionAttempt', (ip: string) => dials.push(ip));
  };
  beforeEach(() => {
    dials = [];
    subscribe('net.client.socket', seen);
  });
  afterEach(() => void unsubscribe('net.client.socket', seen));

  async function ask(zone: Zone, times = 1) {
    const names = await startNameServer(zone);
    const way = openEgress({ dns: [names.address] });
    const errors: unknown[] = [];
    for (let time = 0; time < times; time++) {
      const sent = way.send('https://upstream.example.com/', { limits: { totalMs: 1_000, idleMs: 500 } });
      errors.push(await sent.catch((error) => error));
    }
    await names.stop();
    return { errors, asked: names.asked };
  }

  test('every connection goes to the address that was vetted for it, so a second answer changes nothing', async () => {
    const zone: Zone = (_, type, question) => (type === 'AAAA' ? [] : [question === 0 ? '1.2.3.4' : '127.0.0.1']);
    const { errors, asked } = await ask(zone, 2);
    // The name was asked for once a connection: between vetting and connecting it is not asked for again.
    expect(asked.get('upstream.example.com A')).toBe(2);
    expect(dials).toEqual(['1.2.3.4']);
    expect(errors[1]).toBeInstanceOf(Destination.RefusedError);
  });

  test.each<[string, string[], string[]]>([
    ['inside', ['10.0.0.5'], []],
    ['inside by IPv6', [], ['fd00::1']],
    ['public, and inside by IPv6', ['1.2.3.4'], ['::1']],
    ['public and inside', ['1.2.3.4', '169.254.169.254'], []],
    ['mapped', [], ['::ffff:7f00:1']],
    ['NAT64', [], ['64:ff9b::a9fe:a9fe']],
    ['nowhere', [], []],
  ])('a name that leads %s is refused and no packet leaves', async (_, four, six) => {
    const { errors } = await ask((_name, type) => (type === 'A' ? four : six));
    expect(errors[0]).toBeInstanceOf(Error);
    expect(errors[0]).toMatchObject({ code: expect.stringMatching(/^egress\./) });
    expect(dials).toEqual([]);
  });

  test('an allowed name may lead inside', async () => {
    const names = await startNameServer((_, type) => (type === 'A' ? ['127.0.0.1'] : []));
    const origin = `http://ollama.example.com:${server.port}`;
    answering('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    const way = openEgress({ dns: [names.address], allow: [origin] });
    expect(Buffer.from(await readAll(await way.send(`${origin}/`, {}))).toString()).toBe('ok');
    await names.stop();
  });
});

describe('TLS', () => {
  test('a certificate must be trusted, of this name, and not ask for less than TLS 1.2', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'gpu.example.com' }], {
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 2, value: 'gpu.example.com' }] },
      ],
    });
    const names = await startNameServer((_, type) => (type === 'A' ? ['127.0.0.1'] : []));
    const secure = createServer({ cert, key }, (_, response) => response.end('ok'));
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    const { port } = secure.address() as AddressInfo;
    const fetchFrom = async (host: string, ca: string | undefined) => {
      const origin = `https://${host}:${port}`;
      const way = openEgress({ allow: [origin], dns: [names.address], ...(ca ? { ca } : {}) });
      return Buffer.from(await readAll(await way.send(`${origin}/`, {}))).toString();
    };
    expect(await fetchFrom('gpu.example.com', cert)).toBe('ok');
    await expect(fetchFrom('gpu.example.com', undefined)).rejects.toThrow('DEPTH_ZERO_SELF_SIGNED_CERT');
    await expect(fetchFrom('other.example.com', cert)).rejects.toThrow('ERR_TLS_CERT_ALTNAME_INVALID');
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    await expect(fetchFrom('gpu.example.com', undefined)).rejects.toThrow('DEPTH_ZERO_SELF_SIGNED_CERT');
    vi.unstubAllEnvs();
    secure.close();
    await names.stop();
  });
});

describe('openEgress', () => {
  test.each(['127.0.0.1:11434', 'http://127.0.0.1:11434/v1', 'ftp://x.example.com', 'http://a@b.example.com', '*'])(
    'refuses %s as an origin to allow',
    (origin) => expect(() => openEgress({ allow: [origin] })).toThrow(OriginError),
  );
});
