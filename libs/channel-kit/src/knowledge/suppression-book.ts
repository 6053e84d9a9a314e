import type { IncomingRecord } from '@tocsin/kafka';
import { Suppression } from '@tocsin/contracts/subscribers/v1/registers_service';

/** Purpose or tenant that stands for all. */
const ALL = '*';
/** Nearly every STOP is for everything: one array serves them all. */
const EVERY_PURPOSE: readonly string[] = [ALL];

/** Every STOP and unsubscribe of one channel, by tenant and keyed hash; holds no address. */
export class SuppressionBook {
  /** Tenant or "*" -> hash as Latin-1 text (16 bytes a key) -> purposes. */
  readonly #tenants = new Map<string, Map<string, readonly string[]>>();

  constructor(private readonly channel: string) {}

  get size(): number {
    let size = 0;
    for (const hashes of this.#tenants.values()) size += hashes.size;
    return size;
  }

  /** Applies one record of register.suppressions.v1; its key "<tenant or *>:<channel>:<hex hash>" decides, so that tombstones work too. */
  apply(record: IncomingRecord): void {
    const [tenant, channel, hex] = record.key.split(':');
    if (channel !== this.channel || !tenant || !hex) return;
    const hash = Buffer.from(hex, 'hex').toString('latin1');
    const purposes = record.envelope === null ? [] : Suppression.decode(record.envelope.payload).purposes;
    let hashes = this.#tenants.get(tenant);
    if (purposes.length === 0) {
      hashes?.delete(hash);
      return;
    }
    if (!hashes) this.#tenants.set(tenant, (hashes = new Map()));
    hashes.set(hash, purposes.length === 1 && purposes[0] === ALL ? EVERY_PURPOSE : purposes);
  }

  /** Whether this address must not be sent to, by this tenant, for this purpose. */
  suppresses(tenantId: string, addressHash: Buffer, purpose: string): boolean {
    if (this.#tenants.size === 0) return false;
    const hash = addressHash.toString('latin1');
    for (const tenant of [tenantId, ALL]) {
      const purposes = this.#tenants.get(tenant)?.get(hash);
      if (purposes && (purposes.includes(ALL) || purposes.includes(purpose))) return true;
    }
    return false;
  }
}
