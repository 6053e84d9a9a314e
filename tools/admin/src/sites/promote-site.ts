import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '@tocsin/contracts';
import { AuditEntry } from '@tocsin/contracts/tenants/v1/tenant';
import { TocsinError } from '@tocsin/errors';
import { type KafkaConnection, placeCopies } from '@tocsin/kafka';
import { type Guarded, type MongoConnection, openIdLists } from '@tocsin/mongo';
import type { AuditMac } from '@tocsin/sealing';
import { AuditTrail } from '../../../../services/tenants/dist/audit/audit-trail.js';
import type { AuditDocument, AuditPlace } from '../../../../services/tenants/dist/stores/records.js';
import { sitesStatus } from './site-status.js';

/** Ms in which partitions whose lost copies were written off take records again. */
const WRITABLE_DEADLINE_MS = 60_000;
const LOOK_MS = 500;
/** The platform before its first promotion. */
const FIRST_EPOCH = 1;

/** Who was promoted: one document an epoch, and an epoch is taken once. */
interface SiteEpoch extends Guarded {
  readonly site: string;
  /** Unix ms. */
  readonly at: number;
}

export interface Promotion {
  readonly site: string;
  readonly epoch: number;
  readonly partitions: number;
  /** Partitions without a copy at the site that had all records, when it was promoted: what was acknowledged last may be lost there. */
  readonly leaderless: readonly string[];
}

export interface PromotionParts {
  readonly kafka: KafkaConnection;
  readonly tenants: MongoConnection;
  readonly mac: AuditMac;
  readonly now: () => number;
}

/**
 * Makes the only site left the whole platform: takes the epoch, writes off every copy elsewhere, so that its own acknowledges again, and enters the audit. Its broker must
 * have been given the quorum alone before, and the others must be fenced: refuses while a broker of another site is up.
 */
export async function promoteSite(parts: PromotionParts, site: string, epoch: number): Promise<Promotion> {
  const { kafka, tenants, now } = parts;
  const copies = await kafka.copies();
  const { sites } = sitesStatus(copies);
  const own = sites.find((one) => one.site === site);
  const others = sites.filter((one) => one.site !== site).map((one) => one.site);
  if (own === undefined) throw refused('SITE_AWAY', `No broker of site ${site} is up: start it first, with the quorum alone.`);
  if (others.length > 0) {
    throw refused(
      'NOT_FENCED',
      `Brokers of ${others.join(', ')} are up: a platform with two sites needs no promotion, and one that is cut off must be fenced first.`,
    );
  }
  await takeEpoch(tenants, site, epoch, now());
  const placed = await placeCopies(kafka, own.nodes);
  await writable(kafka);
  await enterAudit(parts, site, epoch, placed.leaderless.length);
  return { site, epoch, ...placed };
}

/** An insert of a name that exists once: two people who promote two sites at the same moment cannot both have the epoch where one store is left. */
export async function takeEpoch(tenants: MongoConnection, site: string, epoch: number, at: number): Promise<void> {
  const epochs = await tenants.documents<SiteEpoch>('site_epochs');
  if (epoch <= FIRST_EPOCH) throw refused('EPOCH_OVER', `The first epoch to promote a site with is ${FIRST_EPOCH + 1}.`);
  if (epoch > FIRST_EPOCH + 1 && (await epochs.get(idOf(epoch - 1))) === null) {
    throw refused('EPOCH_SKIPPED', `Nobody was promoted with epoch ${epoch - 1}: epochs follow one another.`);
  }
  if (await epochs.insert({ _id: idOf(epoch), v: 1, site, at })) return;
  const taken = await epochs.get(idOf(epoch));
  // The same command once more, after a crash half-way, goes on.
  if (taken?.site === site) return;
  throw refused('EPOCH_TAKEN', `Epoch ${epoch} was taken by site ${taken?.site ?? 'unknown'}.`);
}

function idOf(epoch: number): string {
  return `site-epoch:${epoch}`;
}

async function writable(kafka: KafkaConnection): Promise<void> {
  const end = performance.now() + WRITABLE_DEADLINE_MS;
  for (;;) {
    const { unwritable } = sitesStatus(await kafka.copies());
    if (unwritable === 0) return;
    if (performance.now() > end)
      throw refused('NOT_WRITABLE', `${unwritable} partitions take no record yet: look at the broker's log, then run this again.`);
    await pause(LOOK_MS);
  }
}

async function enterAudit({ tenants, mac, now }: PromotionParts, site: string, epoch: number, leaderless: number): Promise<void> {
  const stores = {
    audit: await tenants.documents<AuditDocument>('audit'),
    auditPlaces: await tenants.documents<AuditPlace>('audit_places'),
    lists: await openIdLists(tenants, 'lists'),
  };
  const trail = new AuditTrail(stores, mac, () => undefined);
  const entry = AuditEntry.fromPartial({
    entryId: newId('aud'),
    principalId: 'tocsin-admin',
    action: 'site-promote',
    subjectId: site,
    outcome: 'OK',
    occurredAt: now(),
    detail: `epoch ${epoch}, ${leaderless} partitions without a whole copy`,
  });
  await trail.append('platform', entry);
}

function refused(reason: string, message: string): TocsinError {
  return new TocsinError('FAILED_PRECONDITION', reason, message);
}
