import type { AuditHead } from '@tocsin/contracts/tenants/v1/tenant';
import type { Documents } from '@tocsin/mongo';
import type { AuditMac } from '@tocsin/sealing';
import type { AuditDocument, AuditPlace } from '../stores/records.js';
import { entryHash, entryPlace } from './audit-trail.js';
import { auditScope } from './list-audit.js';

/** Entries read at once: point reads, side by side. */
const PAGE = 200;
/** Numbers looked at behind a gap, where no head says how far the audit went. */
const LOOK_BEHIND = 1_000;

/** What was done to an audit; `seq`: the first entry that does not hold. */
export interface ChainFinding {
  readonly kind: 'edited' | 'reordered' | 'missing' | 'cut' | 'duplicated' | 'inserted' | 'foreign' | 'rewritten' | 'unsealed';
  readonly seq: number;
  readonly says: string;
}

export interface ChainReport {
  readonly scope: string;
  /** Entries that hold, from the first on. */
  readonly entries: number;
  /** Hash of the last of them; empty when there is none. */
  readonly hash: Buffer;
  readonly finding?: ChainFinding;
}

/** What somebody outside of the database remembers: that entry `seq` had this hash. */
export interface Anchor {
  readonly seq: number;
  readonly hash: Uint8Array;
  /** Where it was remembered, for the sentence. */
  readonly from: string;
}

export interface ChainParts {
  readonly audit: Pick<Documents<AuditDocument>, 'get' | 'getMany'>;
  readonly auditPlaces: Pick<Documents<AuditPlace>, 'get'>;
  readonly mac: AuditMac;
}

/** Walks the entries of one scope and names the first that was edited, moved, put in, taken out or cut off; `anchors` are heads that hold and what is kept on paper. */
export async function verifyChain(parts: ChainParts, scope: string, anchors: readonly Anchor[]): Promise<ChainReport> {
  const furthest = Math.max(0, ...anchors.map(({ seq }) => seq));
  let hash: Buffer = Buffer.alloc(0);
  let entries = 0;
  /** The last entry that the platform key, or an anchor, vouches for: it covers all before. */
  let sealed = 0;
  const found = (finding: ChainFinding): ChainReport => ({ scope, entries, hash, finding });
  for (let from = 1; ; from += PAGE) {
    const page = await parts.audit.getMany(Array.from({ length: PAGE }, (_, at) => `${scope}:${from + at}`));
    for (const [at, document] of page.entries()) {
      const seq = from + at;
      if (!document) {
        const behind = await anyBehind(parts, scope, seq, furthest);
        if (behind > 0) return found({ kind: 'missing', seq, says: `Entry ${seq} is missing; entry ${behind} is there.` });
        return atEnd({ scope, entries, hash }, anchors, sealed);
      }
      const next = entryHash(hash, document.entry);
      const vouched = document.mac?.equals(parts.mac(entryPlace(scope, seq), next));
      if (!next.equals(document.hash) || vouched === false) return found(await nameOf(parts, scope, seq, document));
      const broken = anchors.find((anchor) => anchor.seq === seq && !next.equals(anchor.hash));
      if (broken) {
        return found({
          kind: 'rewritten',
          seq,
          says: `Entry ${seq}, or one before it, is not what ${broken.from} remembers: all was written anew.`,
        });
      }
      hash = next;
      entries = seq;
      if (vouched === true || anchors.some((anchor) => anchor.seq === seq)) sealed = seq;
    }
  }
}

function atEnd(held: ChainReport, anchors: readonly Anchor[], sealed: number): ChainReport {
  const { entries } = held;
  const beyond = anchors.filter(({ seq }) => seq > entries).toSorted((a, b) => b.seq - a.seq)[0];
  if (beyond) {
    const says = `The end is cut off from entry ${entries + 1} on: ${beyond.from} remembers ${beyond.seq} entries.`;
    return { ...held, finding: { kind: 'cut', seq: entries + 1, says } };
  }
  if (sealed === entries) return held;
  const says = `Entries from ${sealed + 1} on are vouched for by nothing: an older release wrote them a moment ago, or somebody without the platform key.`;
  return { ...held, finding: { kind: 'unsealed', seq: sealed + 1, says } };
}

/** The number of an entry behind a gap; 0 = none. */
async function anyBehind(parts: ChainParts, scope: string, gap: number, furthest: number): Promise<number> {
  const last = Math.max(furthest, gap + LOOK_BEHIND);
  for (let from = gap + 1; from <= last; from += PAGE) {
    const page = await parts.audit.getMany(Array.from({ length: PAGE }, (_, at) => `${scope}:${from + at}`));
    const at = page.findIndex((document) => document !== null);
    if (at >= 0) return from + at;
  }
  return 0;
}

/** An entry that does not fit here: where it was written says how it came here. */
async function nameOf(parts: ChainParts, scope: string, seq: number, { entry, hash, mac }: AuditDocument): Promise<ChainFinding> {
  if (entry.tenantId !== '' && auditScope(entry.tenantId) !== scope) {
    return { kind: 'foreign', seq, says: `Entry ${seq} belongs to the audit of ${entry.tenantId}.` };
  }
  const place = await parts.auditPlaces.get(`${scope}:${entry.entryId}`);
  if (!place) return { kind: 'inserted', seq, says: `Entry ${seq} (${entry.entryId}) was written by none of the services.` };
  if (place.seq === seq) return { kind: 'edited', seq, says: `Entry ${seq} (${entry.entryId}) was edited.` };
  const original = await parts.audit.get(`${scope}:${place.seq}`);
  if (original?.entry.entryId === entry.entryId) {
    return { kind: 'duplicated', seq, says: `Entry ${seq} repeats entry ${place.seq} (${entry.entryId}).` };
  }
  const next = await parts.audit.get(`${scope}:${seq + 1}`);
  const nextPlace = next && (await parts.auditPlaces.get(`${scope}:${next.entry.entryId}`));
  const moved = mac?.equals(parts.mac(entryPlace(scope, place.seq), hash)) === true ? ', unchanged' : '';
  if (place.seq === seq + 1 && nextPlace?.seq !== seq) {
    return { kind: 'missing', seq, says: `Entry ${seq} was taken out: here stands what was written as ${place.seq}${moved}.` };
  }
  return { kind: 'reordered', seq, says: `Entry ${seq} (${entry.entryId}) was written as ${place.seq}${moved}: the order was changed.` };
}

/** A head that the platform key vouches for, as an anchor. */
export function anchorOf({ seq, hash }: AuditHead, from: string): Anchor {
  return { seq, hash, from };
}
