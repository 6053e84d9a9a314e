import { TocsinError } from '@tocsin/errors';
import { waitUntil } from '@tocsin/testing';
import type { SiteName } from './links.js';
import { brokerName } from './sites-ground.js';
import type { SitesStack } from './sites-stack.js';

/** Ms until a broker that was away has caught up with everything written meanwhile. */
const IN_SYNC_DEADLINE_MS = 180_000;
/** Ms until everything else is ready between two steps. */
const READY_DEADLINE_MS = 120_000;
const LOOK_MS = 500;
/** Partitions that lack a copy, as a gateway sees them. */
const MISSING_COPIES = /^tocsin_kafka_partitions_missing_copies (\d+)/m;

/** Services in the order of a drain, one by one, each awaited; then the broker, whose shutdown hands its partitions over first. */
export async function drainSite(stack: SitesStack, site: SiteName): Promise<void> {
  const other = otherThan(site);
  if ((await missingCopies(stack, other)) !== 0) {
    throw new TocsinError(
      'FAILED_PRECONDITION',
      'COPIES_MISSING',
      `Site ${site} must not go now: copies of records are missing elsewhere, and nothing could be acknowledged without it.`,
    );
  }
  for (const name of servicesOf(stack, site)) {
    await stack.supervisor.setAside(name);
    await waitUntil(
      `everything but site ${site} ready`,
      async () => (await stack.supervisor.notReady()).length === 0,
      READY_DEADLINE_MS,
      LOOK_MS,
    );
  }
  await stack.supervisor.setAside(brokerName(site));
}

/** The broker first; services once it holds all copies again, those that others write to first. */
export async function returnSite(stack: SitesStack, site: SiteName): Promise<void> {
  await stack.supervisor.bringBack(brokerName(site));
  const other = otherThan(site);
  await waitUntil(`all copies in sync at ${site}`, async () => (await missingCopies(stack, other)) === 0, IN_SYNC_DEADLINE_MS, LOOK_MS);
  for (const name of servicesOf(stack, site).toReversed()) await stack.supervisor.bringBack(name);
  await stack.supervisor.waitUntilReady(READY_DEADLINE_MS);
}

function otherThan(site: SiteName): SiteName {
  return site === 'A' ? 'B' : 'A';
}

function servicesOf(stack: SitesStack, site: SiteName): readonly string[] {
  return stack.supervisor
    .planned()
    .filter(({ place, kind }) => place.name === site && kind === 'service')
    .toSorted((a, b) => a.drainStep - b.drainStep)
    .map(({ name }) => name);
}

/** Undefined while the gateway of that site does not answer. */
async function missingCopies(stack: SitesStack, site: SiteName): Promise<number | undefined> {
  const text = await stack.metrics(site === 'A' ? 'gateway' : 'gateway-2');
  const value = text === undefined ? undefined : MISSING_COPIES.exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}
