import { closeSync, existsSync, openSync, readSync } from 'node:fs';

/** Read from a ledger at once: some 8,000 lines. */
const CHUNK_BYTES = 1_048_576;

/** Unix ms. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** What a provider took of one campaign. */
export interface Taken {
  /** How often each part of each delivery was taken, by "deliveryId/part". */
  readonly times: Map<string, number>;
  /** Unix ms at which each came in, in file order. */
  readonly arrived: number[];
  /** Where they went, by channel, and when the first and the last came in there, Unix ms. */
  readonly addresses: Map<string, Map<string, Span>>;
  /** Unix ms of the first SMS taken; Infinity = none. */
  firstSms: number;
}

/** All that the providers' stand-ins wrote down, by campaign: the oracle, which Tocsin never writes. */
export class OracleLedger {
  readonly #byCampaign = new Map<string, Taken>();
  /** Of every SMS taken: Unix ms and whose, in file order. */
  readonly sms: { readonly at: number; readonly campaignId: string }[] = [];

  /** Acceptances of all channels. */
  total = 0;

  of(campaignId: string): Taken {
    return this.#byCampaign.get(campaignId) ?? empty();
  }

  campaigns(): readonly string[] {
    return [...this.#byCampaign.keys()];
  }

  add(channel: string, line: string): void {
    const entry = parse(line);
    if (entry === undefined) return;
    const campaignId = entry.deliveryId.slice(0, Math.max(0, entry.deliveryId.indexOf('.')));
    let taken = this.#byCampaign.get(campaignId);
    if (taken === undefined) this.#byCampaign.set(campaignId, (taken = empty()));
    const key = `${entry.deliveryId}/${entry.part ?? 1}`;
    taken.times.set(key, (taken.times.get(key) ?? 0) + 1);
    taken.arrived.push(entry.arrived ?? entry.at);
    const addresses = taken.addresses.get(channel) ?? new Map<string, Span>();
    const at = entry.arrived ?? entry.at;
    const known = addresses.get(entry.to);
    addresses.set(entry.to, { first: Math.min(at, known?.first ?? at), last: Math.max(at, known?.last ?? at) });
    taken.addresses.set(channel, addresses);
    this.total += 1;
    if (channel !== 'sms') return;
    taken.firstSms = Math.min(taken.firstSms, entry.at);
    this.sms.push({ at: entry.at, campaignId });
  }

  readFile(channel: string, file: string): void {
    if (!existsSync(file)) return;
    const handle = openSync(file, 'r');
    const buffer = Buffer.alloc(CHUNK_BYTES);
    let rest = '';
    try {
      for (;;) {
        const read = readSync(handle, buffer, 0, CHUNK_BYTES, null);
        if (read === 0) return;
        // A ledger is plain ASCII: a chunk never cuts a character.
        const lines = (rest + buffer.toString('latin1', 0, read)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.add(channel, line);
      }
    } finally {
      closeSync(handle);
    }
  }
}

function empty(): Taken {
  return { times: new Map(), arrived: [], addresses: new Map(), firstSms: Infinity };
}

interface Entry {
  readonly deliveryId: string;
  readonly part?: number;
  readonly to: string;
  readonly at: number;
  readonly arrived?: number;
}

/** undefined: a line that a crash of the stand-in cut, which was never acknowledged. */
function parse(line: string): Entry | undefined {
  try {
    return line === '' ? undefined : (JSON.parse(line) as Entry);
  } catch {
    return undefined;
  }
}
