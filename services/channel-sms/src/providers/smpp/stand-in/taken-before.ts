import { readFileSync } from 'node:fs';
import type { LedgerLine } from './ledger.js';

/** Deliveries remembered at most; an SMSC's duplicate filter forgets after hours as well. */
const MAX_DELIVERIES = 500_000;

type Taken = Pick<LedgerLine, 'deliveryId' | 'part' | 'providerId'>;

/** What was taken, by delivery and part: the duplicate filter of an SMSC that has one. Reads the ledger the first time, so that a restart forgets nothing. */
export class TakenBefore {
  #ids: Map<string, string> | undefined;
  /** Of lines that are not on disk yet: who waits for them. */
  readonly #unsynced = new Map<string, ((providerId: string) => void)[]>();

  constructor(
    private readonly ledgerPath: string,
    private readonly smsc: string,
  ) {}

  /** Tells the first id of what was taken before, once that is on disk; false = never taken, or the message names no delivery. */
  whenSynced(deliveryId: string, part: number, tell: (providerId: string) => void): boolean {
    if (deliveryId === '') return false;
    const key = `${deliveryId}/${part}`;
    const waiting = this.#unsynced.get(key);
    if (waiting) return waiting.push(tell) > 0;
    const providerId = this.#known().get(key);
    if (providerId === undefined) return false;
    tell(providerId);
    return true;
  }

  taking({ deliveryId, part }: Taken): void {
    if (deliveryId !== '') this.#unsynced.set(`${deliveryId}/${part}`, []);
  }

  synced(taken: Taken): void {
    const key = `${taken.deliveryId}/${taken.part}`;
    if (this.#ids) this.#add(this.#ids, taken);
    for (const tell of this.#unsynced.get(key) ?? []) tell(taken.providerId);
    this.#unsynced.delete(key);
  }

  #add(ids: Map<string, string>, { deliveryId, part, providerId }: Taken): void {
    if (deliveryId === '') return;
    ids.set(`${deliveryId}/${part}`, providerId);
    if (ids.size <= MAX_DELIVERIES) return;
    const oldest = ids.keys().next();
    if (!oldest.done) ids.delete(oldest.value);
  }

  #known(): Map<string, string> {
    if (this.#ids) return this.#ids;
    this.#ids = new Map();
    for (const line of readFileSync(this.ledgerPath, 'utf8').split('\n')) {
      try {
        const taken = JSON.parse(line) as LedgerLine;
        if ((taken.smsc ?? '') === this.smsc) this.#add(this.#ids, taken);
      } catch {
        // A line torn by a kill is nothing anybody was answered for.
      }
    }
    return this.#ids;
  }
}
