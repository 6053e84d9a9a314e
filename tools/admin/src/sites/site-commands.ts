import type { Command } from 'commander';
import { TocsinError } from '@tocsin/errors';
import { loadAuditMac } from '@tocsin/sealing';
import { withKafka, withStore } from '../connections.js';
import { keyFileOf, type Variables } from '../environment.js';
import { leadSite } from './lead-site.js';
import { promoteSite } from './promote-site.js';
import type { Answer, Run } from '../report.js';
import { sitesStatus, type SitesStatus } from './site-status.js';

/** tocsin-admin site status, site may-go, site lead, site promote. */
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
  site
    .command('lead')
    .description('let one site lead every partition, so that sites that see only the witness are not both stopped')
    .argument('<site>', 'its name, as broker.rack has it')
    .action((name: string) =>
      run(() =>
        withKafka(variables, async (kafka) => {
          const { order, partitions } = await leadSite(kafka, name);
          return { json: { order, partitions }, lines: [`${partitions} partitions are led by ${order.join(', then ')}.`], ok: true };
        }),
      ),
    );
  site
    .command('promote')
    .description(
      'make the only site left the whole platform, once its broker has the quorum alone and the others are fenced (docs/sites.md)',
    )
    .argument('<site>', 'its name, as broker.rack has it')
    .requiredOption('--epoch <n>', 'one more than the last; 2 the first time')
    .action((name: string, { epoch }: { epoch: string }) =>
      run(() =>
        withStore(variables, (tenants) =>
          withKafka(variables, async (kafka) => {
            const mac = loadAuditMac(keyFileOf(variables));
            const made = await promoteSite({ kafka, tenants, mac, now: () => Date.now() }, name, wholeNumber(epoch));
            const lines = [
              ...made.leaderless.map((place) => `${place}  had no whole copy at ${name}: its last records may be lost`),
              `Site ${name} is the platform, epoch ${made.epoch}: ${made.partitions} partitions, ${made.leaderless.length} without a whole copy.`,
            ];
            return { json: { ...made }, lines, ok: true };
          }),
        ),
      ),
    );
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new TocsinError('INVALID_ARGUMENT', 'EPOCH_MALFORMED', '--epoch takes a whole number.');
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
