import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TocsinError } from '@tocsin/errors';
import { waitUntil } from '@tocsin/testing';
import { runTool } from '../job/run-tool.js';
import { aloneProperties } from './alone-properties.js';
import { RACKS, type SiteName } from './links.js';
import { brokerName } from './sites-ground.js';
import type { SitesStack } from './sites-stack.js';

/** Ms a broker alone takes to start and to find that the others are gone. */
const UP_DEADLINE_MS = 90_000;
const PROMOTE_DEADLINE_MS = 150_000;
const LOOK_MS = 1_000;
/** What a broker cannot start without: its records, and the stamp that says they are a broker's. The folder itself may be a disk. */
const FENCED = ['log', 'formatted'];

/**
 * A promotion by hand as docs/sites.md tells it, on this machine: the other brokers are fenced (their records are put aside and nothing starts them again), the site's broker gets
 * the quorum alone, and `tocsin-admin site promote` makes its copies the whole. Throws STILL_UP while a broker elsewhere runs.
 */
export async function promoteOnStack(stack: SitesStack, site: SiteName, epoch: number): Promise<void> {
  const { paths, supervisor } = stack;
  const others = RACKS.filter((rack) => rack !== site);
  const up = others.filter((rack) => supervisor.pid(brokerName(rack)) !== undefined);
  if (up.length > 0) throw new TocsinError('FAILED_PRECONDITION', 'STILL_UP', `Brokers of ${up.join(', ')} run: fence them first.`);
  for (const rack of others) {
    await supervisor.setAside(brokerName(rack));
    for (const name of FENCED) {
      const there = join(paths.groundData, brokerName(rack), name);
      if (existsSync(there)) renameSync(there, `${there}.fenced-${epoch}`);
    }
  }
  const own = brokerName(site);
  await supervisor.setAside(own);
  const folder = join(paths.groundData, own);
  const file = join(folder, 'server.properties');
  writeFileSync(file, aloneProperties(readFileSync(file, 'utf8'), RACKS.indexOf(site) + 1));
  // The vote of a quorum that is gone: without it the broker begins anew from the end of its own log.
  rmSync(join(folder, 'log', '__cluster_metadata-0', 'quorum-state'), { force: true });
  await supervisor.bringBack(own);
  const { env, place } = stack.tools();
  const admin = join(paths.root, 'tools', 'admin', 'dist', 'main.js');
  let refusal = '';
  await waitUntil(
    `site ${site} promoted`,
    async () => {
      try {
        await runTool(admin, ['site', 'promote', site, '--epoch', String(epoch)], env, PROMOTE_DEADLINE_MS, place);
        return true;
      } catch (failure) {
        // Until the broker has found out that it is alone, the command refuses.
        refusal = failure instanceof Error ? failure.message : String(failure);
        return false;
      }
    },
    UP_DEADLINE_MS,
    LOOK_MS,
  ).catch((cause: unknown) => {
    throw new TocsinError('UNAVAILABLE', 'NOT_PROMOTED', `Site ${site} was not promoted: ${refusal}`, { cause });
  });
}
