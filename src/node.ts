/** What needs a file system: model folders, engines, ledgers, channels and exports. Subpath `agorai/node`. */
export { deploy } from './chain/deploy.ts';
export { startDevchain } from './chain/devchain.ts';
export { openEngine, openEngines } from './infer/engines/openEngine.ts';
export { recover, sign, verifier } from './internal/node/secp256k1.ts';
export { openChannelStore } from './pay/openChannelStore.ts';
export { openLedger } from './pay/openLedger.ts';
export { readFolder } from './publish/readFolder.ts';
export { writeManifest } from './publish/writeManifest.ts';
export { createKeeper } from './settle/exit/createKeeper.ts';
export { exitMarket, planExit } from './settle/exit/exitMarket.ts';
export { openExport } from './settle/exit/openExport.ts';
export { readExport } from './settle/exit/readExport.ts';
export { recordChannels, toReceived } from './settle/exit/recordBuyer.ts';
