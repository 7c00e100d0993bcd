import { describe, expect, test } from 'vitest';
import * as Destination from './Destination.ts';

/** Every way that is known to write an address inside, and what else must not be reached. */
const refused = `
https://127.0.0.1/ https://127.0.0.2/ https://127.255.255.254/ https://127.1/ https://127.0.1/ https://2130706433/
https://0x7f000001/ https://0x7f.0.0.1/ https://0x7f.1/ https://0x7F.0x0.0x0.0x1/ https://017700000001/
https://0177.0.0.1/ https://0177.1/ https://00000177.0.0.1/ https://127.0.0.01/ https://127.0.0.0x1/ https://0/
https://0.0.0.0/ https://0x0/ https://0.0.0.1/ https://00/ https://0.1.2.3/ https://255.255.255.255/ https://4294967295/
https://0xffffffff/ https://037777777777/ https://169.254.169.254/ https://2852039166/ https://0xa9fea9fe/
https://0xa9.0xfe.0xa9.0xfe/ https://0251.0376.0251.0376/ https://169.254.43518/ https://169.16689662/
https://0xa9.254.0251.254/ https://169.254.170.2/ https://169.254.0.1/ https://10.0.0.1/ https://10.1/
https://10.255.255.255/ https://167772161/ https://0xa000001/ https://012.0.0.1/ https://172.16.0.1/
https://172.31.255.255/ https://172.20.10.1/ https://0xac100001/ https://192.168.0.1/ https://192.168.1/
https://192.168.255.255/ https://3232235521/ https://0xc0a80001/ https://0300.0250.0.1/ https://100.64.0.1/
https://100.100.100.200/ https://100.127.255.255/ https://192.0.0.192/ https://192.0.0.8/ https://192.0.2.1/
https://198.51.100.7/ https://203.0.113.9/ https://198.18.0.1/ https://198.19.255.255/ https://192.88.99.1/
https://192.31.196.1/ https://192.52.193.1/ https://192.175.48.1/ https://224.0.0.1/ https://239.255.255.250/
https://240.0.0.1/ https://168.63.129.16/ https://127.0.0.1./ https://127.1./ https://2130706433./
https://127。0。0。1/ https://127.0.0.1/ https://①②⑦.⓪.⓪.①/ https://169。254。169。254/ https://%31%32%37.0.0.1/
https://[::1]/ https://[::]/ https://[0:0:0:0:0:0:0:1]/ https://[0000:0000:0000:0000:0000:0000:0000:0001]/
https://[::ffff:127.0.0.1]/ https://[::ffff:7f00:1]/ https://[::ffff:a9fe:a9fe]/ https://[::ffff:169.254.169.254]/
https://[::ffff:10.0.0.1]/ https://[::ffff:192.168.0.1]/ https://[::ffff:1.1.1.1]/ https://[::ffff:0:127.0.0.1]/
https://[::127.0.0.1]/ https://[::7f00:1]/ https://[::a9fe:a9fe]/ https://[64:ff9b::127.0.0.1]/
https://[64:ff9b::a9fe:a9fe]/ https://[64:ff9b::1.1.1.1]/ https://[64:ff9b:1::a9fe:a9fe]/ https://[2002:7f00:1::]/
https://[2002:a9fe:a9fe::1]/ https://[2002:c0a8:1::1]/ https://[2002:808:808::1]/ https://[2001::1]/
https://[2001:0:53aa:64c:0:0:0:1]/ https://[2001:db8::1]/ https://[2001:10::1]/ https://[2001:20::1]/
https://[3fff::1]/ https://[fe80::1]/ https://[fe80::1%25eth0]/ https://[fe80::1%eth0]/ https://[febf::1]/
https://[fec0::1]/ https://[fc00::1]/ https://[fd00::1]/ https://[fd00:ec2::254]/ https://[fd12:3456:789a::1]/
https://[ff02::1]/ https://[ff0e::1]/ https://[100::1]/ https://[5f00::1]/ https://[4000::1]/ https://[e000::1]/
https://[2620:4f:8000::1]/ https://localhost/ https://LOCALHOST/ https://localhost./ https://localhost.localdomain.local/
https://api.localhost/ https://printer.local/ https://metadata/ https://metadata.google.internal/ https://router.lan/
https://nas.home/ https://db.corp/ https://x.home.arpa/ https://hidden.onion/ https://api.example.com./
https://intranet/ https://ollama/ https://user@api.example.com/ https://user:key@api.example.com/
https://:key@api.example.com/ https://api.example.com@127.0.0.1/ https://api.example.com%40127.0.0.1/
http://api.example.com/ http://127.0.0.1/ ftp://api.example.com/ file:///etc/passwd gopher://api.example.com/
data:text/plain,hello javascript:alert(1) blob:https://api.example.com/1 ws://api.example.com/ wss://api.example.com/
unix:/var/run/docker.sock http+unix://%2Fvar%2Frun%2Fdocker.sock/info ldap://api.example.com/ dict://api.example.com:11211/
https://api.example.com:22/ https://api.example.com:25/ https://api.example.com:6379/ https://api.example.com:5432/
https://api.example.com:80/ https://api.example.com:2375/ https://api.example.com:9200/ https://api.example.com:11434/
https://api.example.com:0/ https://api.example.com:65536/ https://1.1.1.1:22/ https:// https:///x //api.example.com/
api.example.com /v1 https://256.1.1.1/ https://1.2.3.4.5/ https://0x100000000/ https://[::1 https://[1::2::3]/
https://exa&#32;mple.com/ https://a..example.com:99/ https://api.example.com\\@127.0.0.1:22/
`
  .trim()
  .split(/\s+/);

describe('parse', () => {
  test('the table has at least 120 forms', () => expect(new Set(refused).size).toBeGreaterThanOrEqual(120));

  test.each(refused)('A-018, A-019, A-022: refuses %s', (text) => {
    expect(() => Destination.parse(text)).toThrow(Destination.RefusedError);
  });

  test.each([
    ['a space', 'https://api.example .com/'],
    ['nothing', ''],
    ['a long URL', `https://api.example.com/${'a'.repeat(Destination.MAX_LENGTH)}`],
  ])('refuses %s', (_, text) => expect(() => Destination.parse(text)).toThrow(Destination.RefusedError));

  test.each([
    'https://api.example.com/v1/chat/completions',
    'https://api.example.com:443/',
    'https://api.example.com:8443/v1?x=1',
    'https://1.1.1.1/',
    'https://172.15.0.1/',
    'https://172.32.0.1/',
    'https://100.128.0.1/',
    'https://[2606:4700:4700::1111]/',
    'https://bücher.example.com/',
  ])('accepts %s', (text) => expect(Destination.parse(text).href).toBe(new URL(text).href));

  test('an allowed origin is reached as it was written down, and nothing beside it', () => {
    const allowed = new Set(['http://127.0.0.1:11434']);
    expect(Destination.parse('http://127.0.0.1:11434/v1/models', allowed).port).toBe('11434');
    // Another way to write the same origin is the same origin.
    expect(Destination.parse('http://2130706433:11434/', allowed).hostname).toBe('127.0.0.1');
    for (const beside of [
      'http://127.0.0.1:11435/',
      'http://127.0.0.1/',
      'https://127.0.0.1:11434/',
      'http://127.0.0.2:11434/',
      'http://user@127.0.0.1:11434/',
      'http://localhost:11434/',
    ])
      expect(() => Destination.parse(beside, allowed)).toThrow(Destination.RefusedError);
  });
});

describe('isPublic', () => {
  test.each(['::ffff:8.8.8.8', 'fe80::1%eth0', '2606:4700::1%eth0', '::1', '10.0.0.1', '', 'example.com', '1.2.3'])(
    'A-019: %s is not',
    (address) => expect(Destination.isPublic(address)).toBe(false),
  );
  test.each(['8.8.8.8', '2606:4700:4700::1111', '2a00:1450::1'])('%s is', (address) =>
    expect(Destination.isPublic(address)).toBe(true),
  );
});
