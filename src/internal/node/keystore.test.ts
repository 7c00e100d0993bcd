import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as Keystore from 'ox/Keystore';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createKeystore,
  openKeystore,
  openPracticeKeystore,
  passwordVariable,
  readAddress,
  readPassword,
  readPrivateKey,
} from './keystore.ts';

/** The scrypt test vector of the Web3 Secret Storage Definition. */
const vector = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '83dbcc02d8ccb40e466191a123791e0e' },
    ciphertext: 'd172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c',
    kdf: 'scrypt',
    kdfparams: {
      dklen: 32,
      n: 262144,
      p: 8,
      r: 1,
      salt: 'ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19',
    },
    mac: '2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
};
const vectorKey = '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keystore-'));
  path = join(folder, 'keys', 'seller.json');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(content: unknown, mode = 0o600) {
  await mkdir(join(folder, 'keys'), { mode: 0o700, recursive: true });
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content), { mode });
}

async function modeOf(file: string) {
  return (await stat(file)).mode & 0o777;
}

describe('createKeystore', () => {
  test('keeps a key that only its password opens, in files that only its owner reads', async () => {
    const { address } = await createKeystore({ path, password: 'correct horse' });
    expect((await openKeystore({ path, password: 'correct horse' })).address).toBe(address);
    expect(await modeOf(path)).toBe(0o600);
    expect(await modeOf(join(folder, 'keys'))).toBe(0o700);
    expect(await readdir(join(folder, 'keys'))).toEqual(['seller.json']);
    expect(await readAddress(path)).toBe(address.toLowerCase());
    await expect(openKeystore({ path, password: 'wrong' })).rejects.toMatchObject({ code: 'keystore.wrong_password' });
  });

  test('writes what other programs open', async () => {
    await createKeystore({ path, password: 'testpassword', privateKey: vectorKey });
    const keystore = JSON.parse(await readFile(path, 'utf8'));
    expect(Keystore.decrypt(keystore, Keystore.toKey(keystore, { password: 'testpassword' }))).toBe(vectorKey);
    expect(JSON.stringify(keystore)).not.toContain(vectorKey.slice(2));
  });

  test('never replaces a key', async () => {
    await createKeystore({ path, password: 'a' });
    const before = await readFile(path, 'utf8');
    await expect(createKeystore({ path, password: 'b' })).rejects.toMatchObject({ code: 'files.exists' });
    expect(await readFile(path, 'utf8')).toBe(before);
    expect(await readdir(join(folder, 'keys'))).toEqual(['seller.json']);
  });

  test('refuses an empty password', async () => {
    await expect(createKeystore({ path, password: '' })).rejects.toMatchObject({ code: 'keystore.no_password' });
  });
});

describe('readPrivateKey', () => {
  test('opens the published vector', async () => {
    await put(vector);
    expect(await readPrivateKey({ path, password: 'testpassword' })).toBe(vectorKey);
  });

  test('says when there is none', async () => {
    await expect(readPrivateKey({ path, password: '' })).rejects.toMatchObject({ code: 'keystore.missing' });
  });

  test.each([
    ['is not JSON', '{"crypto": secret'],
    ['is of another version', { ...vector, version: 1 }],
    ['derives its key in another way', { ...vector, crypto: { ...vector.crypto, kdf: 'pbkdf2' } }],
    [
      'asks for all memory',
      { ...vector, crypto: { ...vector.crypto, kdfparams: { ...vector.crypto.kdfparams, n: 2 ** 30 } } },
    ],
  ])('refuses a file that %s, without repeating it', async (_, content) => {
    await put(content);
    const error = await readPrivateKey({ path, password: 'testpassword' }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'files.invalid' });
    expect(error.cause).toBeUndefined();
    expect(error.message).not.toContain('secret');
  });

  test('refuses a file that is labelled with another address', async () => {
    await createKeystore({ path, password: 'a' });
    await put({ ...JSON.parse(await readFile(path, 'utf8')), address: '00'.repeat(20) });
    await expect(readPrivateKey({ path, password: 'a' })).rejects.toMatchObject({ code: 'files.invalid' });
  });

  test('A-140 refuses a file that others can read', async () => {
    await put(vector);
    for (const mode of [0o640, 0o604, 0o660, 0o644]) {
      await chmod(path, mode);
      await expect(readPrivateKey({ path, password: 'testpassword' })).rejects.toMatchObject({
        code: 'private_files.insecure',
        hint: expect.stringContaining(`chmod 600 ${path}`),
      });
    }
  });

  test('A-140 refuses a symbolic link', async () => {
    const target = join(folder, 'elsewhere.json');
    await writeFile(target, JSON.stringify(vector), { mode: 0o600 });
    await mkdir(join(folder, 'keys'), { mode: 0o700 });
    await symlink(target, path);
    await expect(readPrivateKey({ path, password: 'testpassword' })).rejects.toMatchObject({
      code: 'private_files.insecure',
      shortMessage: expect.stringContaining('symbolic link'),
    });
  });

  test('A-140 refuses a folder that others can look into, or that is a symbolic link', async () => {
    await put(vector);
    await chmod(join(folder, 'keys'), 0o750);
    await expect(readPrivateKey({ path, password: 'testpassword' })).rejects.toMatchObject({
      code: 'private_files.insecure',
    });
    await chmod(join(folder, 'keys'), 0o700);
    await symlink(join(folder, 'keys'), join(folder, 'link'));
    await expect(
      readPrivateKey({ path: join(folder, 'link', 'seller.json'), password: 'testpassword' }),
    ).rejects.toMatchObject({
      code: 'private_files.insecure',
    });
  });
});

describe('readPassword', () => {
  test('takes the option, then the file named, then the environment, then the file beside the keystore', async () => {
    await put(vector);
    const passwordFile = join(folder, 'keys', 'named');
    await writeFile(passwordFile, 'named\r\nnote\n', { mode: 0o600 });
    await writeFile(`${path}.password`, 'beside\n', { mode: 0o600 });
    const environment = { [passwordVariable]: 'environment' };
    expect(await readPassword({ path, password: 'option', passwordFile, environment })).toBe('option');
    expect(await readPassword({ path, passwordFile, environment })).toBe('named');
    expect(await readPassword({ path, environment })).toBe('environment');
    expect(await readPassword({ path, environment: {} })).toBe('beside');
    await rm(`${path}.password`);
    await expect(readPassword({ path, environment: {} })).rejects.toMatchObject({ code: 'keystore.no_password' });
  });

  test('A-140 refuses a password file that others can read', async () => {
    await put(vector);
    await writeFile(`${path}.password`, 'beside\n', { mode: 0o644 });
    await expect(readPassword({ path, environment: {} })).rejects.toMatchObject({ code: 'private_files.insecure' });
  });
});

describe('openPracticeKeystore', () => {
  test('makes an account once, with a labelled random password beside it', async () => {
    const accounts = await Promise.all([1, 2, 3].map(() => openPracticeKeystore({ path })));
    expect(new Set(accounts.map(({ address }) => address)).size).toBe(1);
    expect((await readdir(join(folder, 'keys'))).sort()).toEqual(['seller.json', 'seller.json.password']);
    expect(await modeOf(`${path}.password`)).toBe(0o600);
    expect(await readFile(`${path}.password`, 'utf8')).toMatch(/^[0-9a-f]{64}\nPractice money only/);
  });

  test('goes on when it was cut off after the password', async () => {
    await openPracticeKeystore({ path });
    await rm(path);
    const account = await openPracticeKeystore({ path });
    expect((await openPracticeKeystore({ path })).address).toBe(account.address);
  });
});
