import type { Command } from 'commander';
import { inContext } from '../command-context.js';
import { wholeNumber } from '../option-values.js';
import { all, pages } from '../pages.js';
import { CALL } from '../platform.js';
import { table } from '../text/table.js';
import { auditView, when } from '../views/tenant-view.js';

export function addAuditCommands(program: Command): void {
  program
    .command('audit')
    .description('who did what')
    .command('list')
    .description('entries of the tenant')
    .option('--limit <entries>', 'how many', '200')
    .action((options: { readonly limit: string }, command: Command) =>
      inContext(command, async ({ platform, output, tenantId }) => {
        const limit = wholeNumber('--limit', options.limit, 1, 100_000);
        const entries = await all(
          pages(async (pageToken) => {
            const answer = await platform.tenants.listAudit({ tenantId, pageSize: Math.min(limit, 500), pageToken }, CALL);
            return { items: answer.entries, next: answer.nextPageToken };
          }, limit),
        );
        output.result({ entries: entries.map(auditView) }, () =>
          table(
            ['time', 'principal', 'action', 'subject', 'outcome', 'detail'],
            entries.map((entry) => [
              when(entry.occurredAt),
              entry.principalId,
              entry.action.split('.').at(-1) ?? '',
              entry.subjectId,
              entry.outcome,
              entry.detail,
            ]),
          ),
        );
      }),
    );
}
