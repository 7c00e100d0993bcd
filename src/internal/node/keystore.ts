import { randomBytes, type ScryptOptions, scrypt } from 'node:crypto';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import * as Keystore from 'ox/Keystore';
import type { Address, Hex } from 'viem';
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { z } from 'zod';
import { BaseError } from '../Errors.ts';
import { ExistsError, InvalidFileError, writeFileAtomic } from './files.ts';
import { makePrivateFolder, readPrivate } from './privateFiles.ts';

/** Name of the variable that a password may come in. */
export const passwordVariable = 'AGORAI_PASSWORD';

/** Work of guessing one password: 128 MiB and some tenths of a second. */
const strong = { n: 2 ** 17, r: 8, p: 1 } as const;
/** Work where the password is 256 random bits, which no amount of work could guess. */
const light = { n: 2 ** 12, r: 8, p: 1 } as const;
/** Most memory a file may ask for, in bytes, so that a hostile one cannot exhaust the machine. */
const memoryLimit = 1024 * 1024 * 1024;

const hexText = z.string().regex(/^([0-9a-fA-F]{2})+$/);

const isPowerOfTwo = (n: number) => Number.isInteger(Math.log2(n));

const keystoreSchema = z.looseObject({
  version: z.literal(3),
  id: z.string(),
  address: z
    .string()
    .regex(/^(0x)?[0-9a-fA-F]{40}$/)
    .optional(),
  crypto: z.looseObject({
    cipher: z.literal('aes-128-ctr'),
    ciphertext: hexText,
    cipherparams: z.looseObject({ iv: hexText.length(32) }),
    kdf: z.literal('scrypt'),
    kdfparams: z.looseObject({
      dklen: z.literal(32),
      n: z.int().min(2).refine(isPowerOfTwo),
      r: z.int().min(1),
      p: z.int().min(1).max(16),
      salt: hexText,
    }),
    mac: hexText.length(64),
  }),
});

/**
 * Writes a new key, or a given one, into an encrypted file (Ethereum keystore, version 3) that only its owner can read.
 * An existing file is never replaced.
 */
export async function createKeystore(options: createKeystore.Options): Promise<createKeystore.ReturnType> {
  const { path, password, privateKey = generatePrivateKey() } = options;
  if (password === '') throw new NoPasswordError({ path });
  return await write({ path, password, privateKey, work: strong });
}

export declare namespace createKeystore {
  type Options = {
    path: string;
    password: string;
    /** The key to keep; a new random one unless given. */
    privateKey?: Hex;
  };
  type ReturnType = { readonly path: string; readonly address: Address };
}

/** Opens a keystore for signing. */
export async function openKeystore(options: openKeystore.Options): Promise<PrivateKeyAccount> {
  return privateKeyToAccount(await readPrivateKey(options));
}

export declare namespace openKeystore {
  type Options = {
    path: string;
    password: string;
  };
  type ErrorType = MissingKeystoreError | WrongPasswordError | InvalidFileError;
}

/** Reads the key itself, for signers that need it. Neither log nor keep it longer than they live. */
export async function readPrivateKey({ path, password }: openKeystore.Options): Promise<Hex> {
  const keystore = await readKeystore(path);
  const { n, r, p, salt } = keystore.crypto.kdfparams;
  if (128 * n * r > memoryLimit) throw new InvalidFileError({ path, reason: 'opening it would take too much memory' });
  const key = await derive(password, Buffer.from(salt, 'hex'), { n, r, p });
  let privateKey: Hex;
  try {
    privateKey = Keystore.decrypt(keystore as Keystore.Keystore, key);
  } catch {
    throw new WrongPasswordError({ path });
  }
  const { address } = privateKeyToAccount(privateKey);
  if (keystore.address && address.slice(2).toLowerCase() !== keystore.address.replace(/^0x/, '').toLowerCase())
    throw new InvalidFileError({ path, reason: `it is labelled with another address than its key's, ${address}` });
  return privateKey;
}

/** The address of a keystore, without its password. `undefined` when the file names none. */
export async function readAddress(path: string): Promise<Address | undefined> {
  const { address } = await readKeystore(path);
  return address === undefined ? undefined : `0x${address.replace(/^0x/, '')}`;
}

/**
 * Finds the password of a keystore: as given, else in the password file named, else in the environment, else in the
 * password file beside the keystore.
 */
export async function readPassword(options: readPassword.Options): Promise<string> {
  const { path, password, passwordFile, environment = process.env } = options;
  if (password !== undefined) return password;
  if (passwordFile !== undefined) return await readPasswordFile(passwordFile, path);
  return environment[passwordVariable] || (await readPasswordFile(passwordFileOf(path), path));
}

export declare namespace readPassword {
  type Options = {
    /** The keystore. */
    path: string;
    password?: string | undefined;
    passwordFile?: string | undefined;
    environment?: Readonly<Record<string, string | undefined>>;
  };
  type ErrorType = NoPasswordError;
}

/**
 * Opens the keystore of a practice account of the local chain, making it when it is absent. Its random password lies
 * beside it, so it protects nothing but against mistakes.
 */
export async function openPracticeKeystore({ path }: { path: string }): Promise<PrivateKeyAccount> {
  if ((await readPrivate(path)) === undefined) {
    await makePrivateFolder(dirname(path));
    // The password comes first and is never replaced: a key without its password would be lost.
    const fresh = `${randomBytes(32).toString('hex')}\n${practiceNote}\n`;
    await writeFileAtomic(passwordFileOf(path), fresh, { mode: 0o600, exclusive: true }).catch(unlessExists);
    const password = await readPasswordFile(passwordFileOf(path), path);
    await write({ path, password, privateKey: generatePrivateKey(), work: light }).catch(unlessExists);
  }
  return await openKeystore({ path, password: await readPasswordFile(passwordFileOf(path), path) });
}

const practiceNote = 'Practice money only: this password lies beside its key. Never send real money to this account.';

/** Another process may make the same file at the same time; its file is as good. */
function unlessExists(error: unknown): void {
  if (!(error instanceof ExistsError)) throw error;
}

type Work = { readonly n: number; readonly r: number; readonly p: number };

async function write(
  options: createKeystore.Options & { privateKey: Hex; work: Work },
): Promise<createKeystore.ReturnType> {
  const { path, password, privateKey, work } = options;
  await makePrivateFolder(dirname(path));
  const salt = randomBytes(32);
  const key = await derive(password, salt, work);
  const kdfparams = { ...work, dklen: 32, salt: salt.toString('hex') };
  const keystore = Keystore.encrypt(privateKey, key, { kdf: 'scrypt', kdfparams, iv: new Uint8Array(randomBytes(16)) });
  const { address } = privateKeyToAccount(privateKey);
  const labelled = { address: address.slice(2).toLowerCase(), ...keystore };
  await writeFileAtomic(path, `${JSON.stringify(labelled, null, 2)}\n`, { mode: 0o600, exclusive: true });
  return { path, address };
}

async function readKeystore(path: string) {
  const text = await readPrivate(path);
  if (text === undefined) throw new MissingKeystoreError({ path });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message would repeat a part of the file.
    throw new InvalidFileError({ path, reason: 'it is not JSON' });
  }
  const parsed = keystoreSchema.safeParse(value);
  if (!parsed.success) throw new InvalidFileError({ path, reason: 'it is not a keystore of version 3 with scrypt' });
  return parsed.data;
}

function passwordFileOf(path: string): string {
  return `${path}.password`;
}

/** The first line of the file is the password. */
async function readPasswordFile(passwordFile: string, path: string): Promise<string> {
  const [password] = ((await readPrivate(passwordFile)) ?? '').split(/\r?\n/);
  if (!password) throw new NoPasswordError({ path });
  return password;
}

/**
 * Derives the key with the file's own parameters, off the main thread. OpenSSL refuses the many rounds over narrow blocks
 * (n >= 2^(16 r)) that some programs write; those are derived in JavaScript, which takes some seconds.
 */
async function derive(password: string, salt: Uint8Array, { n, r, p }: Work): Promise<Hex> {
  if (Math.log2(n) >= 16 * r) {
    const [key] = Keystore.scrypt({ password, salt, n, r, p });
    return key();
  }
  const key = await promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt)(password, salt, 32, {
    N: n,
    r,
    p,
    maxmem: 128 * r * (n + p + 2),
  });
  return `0x${key.toString('hex')}`;
}

/** A keystore that is not there. */
export class MissingKeystoreError extends BaseError {
  override readonly name = 'keystore.MissingKeystoreError';
  constructor(options: { path: string }) {
    super(`There is no keystore at ${options.path}.`, {
      code: 'keystore.missing',
      hint: 'Make one first, or name the right file.',
    });
  }
}

/** A password that does not open the keystore. */
export class WrongPasswordError extends BaseError {
  override readonly name = 'keystore.WrongPasswordError';
  constructor(options: { path: string }) {
    super(`The password does not open ${options.path}.`, {
      code: 'keystore.wrong_password',
      hint: 'Try again. If the password is right, the file is damaged: restore it from a copy.',
    });
  }
}

/** A keystore whose password was not given. */
export class NoPasswordError extends BaseError {
  override readonly name = 'keystore.NoPasswordError';
  constructor(options: { path: string }) {
    super(`The password of ${options.path} is missing.`, {
      code: 'keystore.no_password',
      hint: `Set ${passwordVariable}, or name a password file.`,
    });
  }
}
