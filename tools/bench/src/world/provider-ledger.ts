import { closeSync, existsSync, openSync, readSync } from 'node:fs';

/** Read from the ledger at once: some 8,000 lines. */
const CHUNK_BYTES = 1_048_576;
/** How often a wait looks for new lines, ms; the lines have stamps of their own. */
const LOOK_MS = 50;

/** One line of a stand-in's ledger: a cost unit the provider took (a segment, a mail). */
export interface AcceptedUnit {
  /** Unix ms, of the stand-in's clock. */
  readonly at: number;
  readonly campaignId: string;
  readonly deliveryId: string;
}

/** Follows a provider stand-in's ledger file: what it accepted, in file order, by campaign. */
export class ProviderLedger {
  #offset = 0;
  #rest = '';
  #units: AcceptedUnit[] = [];
  #byCampaign = new Map<string, AcceptedUnit[]>();
  readonly #buffer = Buffer.alloc(CHUNK_BYTES);

  constructor(private readonly file: string) {}

  /** Everything read since the last `forget`. */
  units(): readonly AcceptedUnit[] {
    this.#read();
    return this.#units;
  }

  /** Of one campaign. */
  of(campaignId: string): readonly AcceptedUnit[] {
    this.#read();
    return this.#byCampaign.get(campaignId) ?? [];
  }

  /** Drops what was read, so that a new round does not carry the old ones. */
  forget(): void {
    this.#read();
    this.#units = [];
    this.#byCampaign.clear();
  }

  /** Resolves when `enough` holds of what the provider has accepted; false = not within the deadline. */
  async until(enough: (ledger: this) => boolean, deadlineMs: number): Promise<boolean> {
    const end = performance.now() + deadlineMs;
    while (!enough(this)) {
      if (performance.now() > end) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return true;
  }

  /** Resolves when so many units of a campaign were accepted. */
  untilAccepted(campaignId: string, units: number, deadlineMs: number): Promise<boolean> {
    return this.until(() => this.of(campaignId).length >= units, deadlineMs);
  }

  #read(): void {
    if (!existsSync(this.file)) return;
    const file = openSync(this.file, 'r');
    try {
      for (;;) {
        const read = readSync(file, this.#buffer, 0, CHUNK_BYTES, this.#offset);
        if (read === 0) return;
        this.#offset += read;
        // The ledger is plain ASCII: a chunk never cuts a character.
        this.#take(this.#buffer.toString('latin1', 0, read));
      }
    } finally {
      closeSync(file);
    }
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const unit = unitOf(line);
      if (unit === undefined) continue;
      this.#units.push(unit);
      const known = this.#byCampaign.get(unit.campaignId);
      if (known) known.push(unit);
      else this.#byCampaign.set(unit.campaignId, [unit]);
    }
  }
}

/** undefined: a line that a crash of the stand-in cut, which was never acknowledged. */
export function unitOf(line: string): AcceptedUnit | undefined {
  const deliveryId = /"deliveryId":"([^"]+)"/.exec(line)?.[1];
  const at = /"at":(\d+)/.exec(line)?.[1];
  if (deliveryId === undefined || at === undefined || !line.endsWith('}')) return undefined;
  return { at: Number(at), deliveryId, campaignId: deliveryId.slice(0, deliveryId.indexOf('.')) };
}
