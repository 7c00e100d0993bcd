import type { Hex } from 'viem';
import { encodeAbiParameters, hashTypedData, keccak256, stringToHex } from 'viem';
import { expect, it } from 'vitest';
import * as Authorization from './Authorization.ts';

const token: Authorization.Token = {
  address: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  name: 'USDC',
  version: '2',
  chainId: 84_532,
};
const authorization: Authorization.Authorization = {
  from: '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf',
  to: '0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF',
  value: 2n ** 200n + 7n,
  validAfter: 0n,
  validBefore: 1_800_000_000n,
  nonce: `0x${'5a'.repeat(32)}`,
};

it.each([
  // The type hashes stand in EIP-3009 itself.
  [
    'TransferWithAuthorization',
    '0x7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a2267',
    Authorization.transferDigest,
  ],
  [
    'ReceiveWithAuthorization',
    '0xd099cc98ef71107a616c4f0f941f04c322d8e254fe26b3c6668db87aae413de8',
    Authorization.receiveDigest,
  ],
] as const)('%s is hashed as EIP-3009 says', (primaryType, typeHash, digest) => {
  const { types } = Authorization;
  expect(keccak256(stringToHex(`${primaryType}(${types.map(({ name, type }) => `${type} ${name}`).join(',')})`))).toBe(
    typeHash,
  );
  const message = { ...authorization };
  const domain = { name: 'USDC', version: '2', chainId: 84_532, verifyingContract: token.address };
  expect(digest(authorization, token)).toBe(
    hashTypedData({ domain, types: { [primaryType]: types }, primaryType, message } as never),
  );
});

it('is another digest for another token, chain and kind of transfer (A-012)', () => {
  const digests = [
    Authorization.receiveDigest(authorization, token),
    Authorization.transferDigest(authorization, token),
    Authorization.receiveDigest(authorization, { ...token, chainId: 8453 }),
    Authorization.receiveDigest(authorization, { ...token, version: '1' }),
    Authorization.receiveDigest(authorization, { ...token, address: authorization.to }),
  ];
  expect(new Set(digests).size).toBe(digests.length);
});

it('binds a deposit to its channel by the nonce that the collector computes', () => {
  const id: Hex = `0x${'01'.repeat(32)}`;
  const salt: Hex = `0x${'02'.repeat(32)}`;
  const encoded = encodeAbiParameters([{ type: 'bytes32' }, { type: 'uint256' }], [id, BigInt(salt)]);
  expect(Authorization.depositNonce(id, salt)).toBe(keccak256(encoded));
});
