import { setTimeout as pause } from 'node:timers/promises';
import type { RegisterKind, SealKey } from '@tocsin/contracts/common/v1/common';
import { TocsinError } from '@tocsin/errors';
import type { Documents, Guarded } from '@tocsin/mongo';
import { registerScope } from './scope.js';

/** The head of a register: how far places are given out, and the key its contacts are sealed with. */
export interface HeadDocument extends Guarded {
  readonly tenantId: string;
  readonly kind: RegisterKind;
  /** Places given out so far; a place is never given out twice. */
  readonly places: number;
  readonly sealKey: SealKey;
  /** INSEE code of the tenant, '' where it is no commune. */
  readonly inseeCode: string;
}

/** What a register needs to know of its tenant. */
export interface TenantFacts {
  readonly sealKey: SealKey;
  readonly inseeCode: string;
}

/** Lost guards before giving up: imports of one register reserve once a chunk. */
const MAX_LOST_GUARDS = 30;
const LOST_GUARD_PAUSE_MS = 5;

/** Registers by "<tenant>:<kind>". */
export class Heads {
  constructor(private readonly documents: Documents<HeadDocument>) {}

  get(scope: string): Promise<HeadDocument | null> {
    return this.documents.get(scope);
  }

  /** The register, made from what its tenant says when it does not exist. */
  async open(tenantId: string, kind: RegisterKind, facts: () => Promise<TenantFacts>): Promise<HeadDocument> {
    const scope = registerScope(tenantId, kind);
    const standing = await this.documents.get(scope);
    if (standing) return standing;
    const { sealKey, inseeCode } = await facts();
    const head: HeadDocument = { _id: scope, v: 1, tenantId, kind, places: 0, sealKey, inseeCode };
    return (await this.documents.insert(head)) ? head : ((await this.documents.get(scope)) ?? head);
  }

  /** Gives out this many places; answers the first. Places a crash leaves empty stay so. */
  async reserve(scope: string, count: number): Promise<number> {
    for (let lost = 0; lost < MAX_LOST_GUARDS; lost += 1) {
      if (lost > 0) await pause(Math.random() * LOST_GUARD_PAUSE_MS * lost);
      const head = await this.documents.get(scope);
      if (!head) throw new TocsinError('INTERNAL', 'REGISTER_MISSING', 'The register is missing.');
      if (await this.documents.replace({ ...head, places: head.places + count })) return head.places;
    }
    throw new TocsinError('ABORTED', 'TOO_MANY_WRITERS', 'Others import into the same register at the same time; try again.');
  }
}
