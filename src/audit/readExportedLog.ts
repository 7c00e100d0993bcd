import { readExport } from '../settle/exit/readExport.ts';
import type { PublishedLog } from './readPublishedLog.ts';

/**
 * The receipt log in a seller's export: what a gateway publishes, when there is no gateway any more. Whatever it says is
 * compared with the chain afterwards.
 */
export async function readExportedLog(file: string): Promise<PublishedLog> {
  const { header, leaves, heads } = await readExport(file);
  const [first] = heads.values();
  return { seller: header.person, log: first?.head.log ?? 0, leaves };
}
