import type { Command } from 'commander';
import { TocsinError } from '@tocsin/errors';
import { withKafka } from '../connections.js';
import type { Variables } from '../environment.js';
import type { Answer, Run } from '../report.js';
import { sitesStatus, type SitesStatus } from './site-status.js';

/** tocsin-admin site status, site may-go. */
export function addSiteCommands(program: Command, variables: Variables, run: Run): void {
  const look = (): Promise<SitesStatus> => withKafka(variables, async (kafka) => sitesStatus(await kafka.copies()));
  const site = program.command('site').description('the sites a stretched platform stands on');
  site
    .command('status')
    .description('what each site leads and holds, and whether it may be taken away now; exit code 1 while copies are missing')
    .action(() => run(async () => answer(await look(), undefined)));
  site
    .command('may-go')
    .description('whether one site may be taken away now with nothing interrupted; exit code 1 if not')
    .argument('<site>', 'its name, as broker.rack has it')
    .action((name: string) => run(async () => answer(await look(), name)));
}

function answer(status: SitesStatus, asked: string | undefined): Answer {
  const found = status.sites.find(({ site }) => site === asked);
  if (asked !== undefined && found === undefined) {
    const known = status.sites.map(({ site }) => site).join(', ') || 'none: no broker names a rack';
    throw new TocsinError('NOT_FOUND', 'NO_SUCH_SITE', `No site with a broker that is up is called "${asked}"; there are: ${known}.`);
  }
  const rows = found === undefined ? status.sites : [found];
  const lines = rows.map(({ site, nodes, leads, inSync, needed, mayGo }) => {
    const verdict = mayGo ? 'may go' : `must stay: ${needed} partitions would take no record without it`;
    return `${site}  brokers ${nodes.join(',')}  leads ${leads}  in sync ${inSync}  ${verdict}`;
  });
  const total = `${status.partitions} partitions, ${status.missingCopies} lack a copy, ${status.unwritable} take no record`;
  return { json: { ...status }, lines: [...lines, total], ok: found === undefined ? status.missingCopies === 0 : found.mayGo };
}
