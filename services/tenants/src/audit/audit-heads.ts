import { type OutgoingRecord, record, TOPICS } from '@tocsin/contracts';
import type { AuditHead } from '@tocsin/contracts/tenants/v1/tenant';
import type { Documents } from '@tocsin/mongo';
import type { Logger } from '@tocsin/observability';
import type { AuditMac } from '@tocsin/sealing';
import type { AuditHeadDocument } from '../stores/records.js';

/** ms between two tellings: what is cut off within them is not found, and each costs a write and a record for every audit that grew. */
const TELL_EVERY_MS = 1_000;
/** Scopes remembered between two tellings; those beyond are told with their next entry. */
const MAX_GROWN = 10_000;
/** Times a head is written against another instance. */
const MAX_TRIES = 5;

export interface AuditHeadsParts {
  readonly documents: Documents<AuditHeadDocument>;
  publish(records: readonly OutgoingRecord[]): Promise<void>;
  readonly mac: AuditMac;
  /** Unix ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

interface Grown {
  readonly seq: number;
  readonly hash: Buffer;
}

/** Says once a second, beside the database and in Kafka, how far each audit has come: an end that is cut off is missed there. */
export class AuditHeads {
  private grownSince = new Map<string, Grown>();
  private telling: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly parts: AuditHeadsParts) {
    this.timer = setInterval(() => void this.tell(), TELL_EVERY_MS);
    this.timer.unref();
  }

  /** A scope has this entry now. */
  grown(scope: string, seq: number, hash: Buffer): void {
    const known = this.grownSince.get(scope);
    if (known ? known.seq >= seq : this.grownSince.size >= MAX_GROWN) return;
    this.grownSince.set(scope, { seq, hash });
  }

  /** Tells what has grown; what cannot be told now is told next time. */
  tell(): Promise<void> {
    return (this.telling = this.telling.then(() => this.tellGrown()));
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.tell();
  }

  private async tellGrown(): Promise<void> {
    if (this.grownSince.size === 0) return;
    const { parts } = this;
    const told = this.grownSince;
    this.grownSince = new Map();
    try {
      const heads = [...told].map(([scope, { seq, hash }]) => signedHead(parts.mac, scope, seq, hash, parts.now()));
      for (const head of heads) await this.write(head);
      await parts.publish(heads.map(headRecord));
    } catch (error) {
      for (const [scope, { seq, hash }] of told) this.grown(scope, seq, hash);
      parts.logger.warn('audit.head-not-told', { error });
    }
  }

  /** Another instance may have gone further. */
  private async write({ scope, seq, hash, at, mac }: AuditHead): Promise<void> {
    const { documents } = this.parts;
    for (let lost = 0; lost < MAX_TRIES; lost += 1) {
      const stored = await documents.get(scope);
      if (stored && stored.seq >= seq) return;
      const next = { _id: scope, v: stored?.v ?? 1, seq, hash: Buffer.from(hash), at, mac: Buffer.from(mac) };
      if (stored ? await documents.replace(next) : await documents.insert(next)) return;
    }
  }
}

export function signedHead(mac: AuditMac, scope: string, seq: number, hash: Uint8Array, at: number): AuditHead {
  return { scope, seq, hash: Buffer.from(hash), at, mac: mac(headPlace(scope, seq, at), hash) };
}

/** Whether the platform key vouches for it. */
export function headHolds(mac: AuditMac, { scope, seq, hash, at, mac: given }: AuditHead): boolean {
  return mac(headPlace(scope, seq, at), hash).equals(given);
}

function headPlace(scope: string, seq: number, at: number): string {
  return `head ${scope} ${seq} ${at}`;
}

function headRecord(head: AuditHead): OutgoingRecord {
  return record(TOPICS.auditHeads.name, head.scope, 'tocsin.tenants.v1.AuditHead', head, {
    tenantId: head.scope === 'platform' ? '' : head.scope,
    occurredAt: head.at,
    epoch: head.seq,
  });
}
