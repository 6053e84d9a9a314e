import { newId } from '@tocsin/contracts';
import { AuditEntry } from '@tocsin/contracts/tenants/v1/tenant';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import type { Counter, Logger, Metrics } from '@tocsin/observability';

/** Entries kept for later while the directory is away; beyond it the oldest is given up, and that is logged and counted. */
const MAX_WAITING = 10_000;
/** Pause between two rounds over what waits, ms. */
const RETRY_EVERY = 2_000;
/** Characters of an entry's detail at most. */
const MAX_DETAIL = 500;

export interface Recorded {
  readonly caller: Caller;
  /** Tenant whose audit it belongs to; '' = the platform's. */
  readonly tenantId: string;
  readonly action: string;
  readonly subjectId: string;
  /** gRPC status name. */
  readonly outcome: string;
  readonly detail: string;
}

export interface AuditParts {
  append(entry: AuditEntry): Promise<void>;
  readonly now: () => number;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Writes down who did what. An entry has its id from here, so that writing it again changes nothing. */
export class AuditTrail {
  readonly #waiting: AuditEntry[] = [];
  readonly #lost: Counter;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: AuditParts) {
    this.#lost = parts.metrics.counter({ name: 'gateway_audit_lost_total', help: 'Audit entries given up because too many waited.' });
    parts.metrics.gauge({ name: 'gateway_audit_waiting', help: 'Audit entries not yet written.' }, () => this.#waiting.length);
  }

  /** Resolves when the entry is written; rejects when it cannot be now. */
  async must(recorded: Recorded): Promise<void> {
    await this.parts.append(this.#entry(recorded));
  }

  /** As must, but never fails: what cannot be written now is written later. */
  async note(recorded: Recorded): Promise<void> {
    const entry = this.#entry(recorded);
    try {
      await this.parts.append(entry);
    } catch (error) {
      this.parts.logger.warn('audit.waits', { action: entry.action, error });
      this.#keep(entry);
    }
  }

  /** Writes what still waits. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (let entry = this.#waiting[0]; entry !== undefined; entry = this.#waiting[0]) {
      try {
        await this.parts.append(entry);
      } catch {
        break;
      }
      // Full meanwhile: the first may be another one by now, and writing that twice changes nothing.
      if (this.#waiting[0] === entry) this.#waiting.shift();
    }
    if (this.#waiting.length > 0) this.#later();
  }

  #keep(entry: AuditEntry): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#waiting.shift();
      this.#lost.add();
      this.parts.logger.error('audit.lost', { reason: 'too many entries wait' });
    }
    this.#waiting.push(entry);
    this.#later();
  }

  #later(): void {
    this.#timer ??= setTimeout(() => void this.flush(), RETRY_EVERY);
  }

  #entry(recorded: Recorded): AuditEntry {
    return AuditEntry.fromPartial({
      entryId: newId('aud'),
      tenantId: recorded.tenantId,
      principalId: recorded.caller.principalId,
      action: recorded.action,
      subjectId: recorded.subjectId,
      outcome: recorded.outcome,
      occurredAt: this.parts.now(),
      detail: recorded.detail.slice(0, MAX_DETAIL),
    });
  }
}
