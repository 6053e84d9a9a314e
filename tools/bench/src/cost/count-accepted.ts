import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Lines a stand-in appended at or after a moment (Unix ms), read as a stream: a ledger of many rounds is large. */
export async function countAccepted(ledgerFile: string, since: number): Promise<number> {
  if (!existsSync(ledgerFile)) return 0;
  let accepted = 0;
  for await (const line of createInterface({ input: createReadStream(ledgerFile), crlfDelay: Infinity })) {
    const at = /"at":(\d+)/.exec(line)?.[1];
    if (at !== undefined && Number(at) >= since) accepted += 1;
  }
  return accepted;
}
