import { describe, expect, test } from 'vitest';
import * as Network from './Network.ts';
import * as Random from './Random.ts';
import * as Safetensors from './Safetensors.ts';

const network = Network.from({ sizes: [4, 3, 2], random: Random.from(1) });
const bytes = Network.serialize(network);

describe('serialize', () => {
  test('writes a header any safetensors reader understands, and little-endian values', () => {
    const view = new DataView(bytes.buffer);
    const length = Number(view.getBigUint64(0, true));
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))).toMatchInlineSnapshot(`
      {
        "0.bias": {
          "data_offsets": [
            48,
            60,
          ],
          "dtype": "F32",
          "shape": [
            3,
          ],
        },
        "0.weight": {
          "data_offsets": [
            0,
            48,
          ],
          "dtype": "F32",
          "shape": [
            4,
            3,
          ],
        },
        "1.bias": {
          "data_offsets": [
            84,
            92,
          ],
          "dtype": "F32",
          "shape": [
            2,
          ],
        },
        "1.weight": {
          "data_offsets": [
            60,
            84,
          ],
          "dtype": "F32",
          "shape": [
            3,
            2,
          ],
        },
      }
    `);
    expect((8 + length) % 8).toBe(0);
    expect(view.getFloat32(8 + length, true)).toBe(network.layers[0]?.weights[0]);
  });

  test('parse gives the network back', () => {
    expect(Network.parse(bytes)).toEqual(network);
  });
});

describe('parse', () => {
  test('reads bytes at any offset of their buffer', () => {
    const moved = new Uint8Array(bytes.length + 3);
    moved.set(bytes, 3);
    expect(Network.parse(moved.subarray(3))).toEqual(network);
  });

  test('refuses files that are cut off or too long', () => {
    for (const length of [0, 7, 20, bytes.length - 1]) {
      expect(() => Network.parse(bytes.subarray(0, length))).toThrow(Safetensors.MalformedError);
    }
    expect(() => Network.parse(Uint8Array.of(...bytes, 0))).toThrow('bytes are left over');
  });

  test('refuses a weight that is not finite', () => {
    const changed = bytes.slice();
    new DataView(changed.buffer).setFloat32(changed.length - 4, Number.NaN, true);
    expect(() => Network.parse(changed)).toThrow('not finite');
  });

  test('refuses tensors that are not a chain of layers', () => {
    const tensor = (name: string, ...shape: number[]) => {
      return { name, shape, values: new Float32Array(shape.reduce((product, size) => product * size, 1)) };
    };
    const file = (...tensors: Safetensors.Tensor[]) => Safetensors.serialize(tensors);
    expect(() => Network.parse(file())).toThrow(Network.ShapeError);
    expect(() => Network.parse(file(tensor('0.weight', 2, 3), tensor('0.bias', 2)))).toThrow('bias of layer 0');
    expect(() =>
      Network.parse(file(tensor('0.weight', 2, 3), tensor('0.bias', 3), tensor('1.weight', 2, 1), tensor('1.bias', 1))),
    ).toThrow('inputs of layer 1');
  });

  test('refuses headers that do not describe the bytes', () => {
    const file = (header: string) => {
      const json = new TextEncoder().encode(header);
      const written = new Uint8Array(8 + json.length + 4);
      new DataView(written.buffer).setBigUint64(0, BigInt(json.length), true);
      written.set(json, 8);
      return written;
    };
    for (const header of [
      '{',
      '[1]',
      'null',
      '{"a":null}',
      '{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}',
      '{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}',
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
      '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
      '{"a":{"dtype":"F32","shape":[1]}}',
    ]) {
      expect(() => Safetensors.parse(file(header)), header).toThrow(Safetensors.MalformedError);
    }
  });
});
