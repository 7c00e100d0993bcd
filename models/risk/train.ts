/** Trains the risk classifier and writes its weights and its features: `node models/risk/train.ts`. */
import { writeFileSync } from 'node:fs';
import * as Network from '../../src/internal/kernel/Network.ts';
import { writeJson } from '../writeJson.ts';
import { readData } from './data.ts';
import { describeFeatures } from './describeFeatures.ts';
import { trainNetwork } from './trainNetwork.ts';

const data = readData();
writeFileSync(new URL('./weights.safetensors', import.meta.url), Network.serialize(trainNetwork(data.train)));
writeJson(new URL('./features.json', import.meta.url), describeFeatures(data));
