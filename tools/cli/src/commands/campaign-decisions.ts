import type { Command } from 'commander';
import { setReleaseTime } from '../campaign/release-at.js';
import { inContext, type CommandContext } from '../command-context.js';
import { moment } from '../option-values.js';
import { CALL } from '../platform.js';
import { findCampaign, showCampaign } from './campaign.js';

interface ReleaseOptions {
  readonly hash?: string;
  readonly at?: string;
  readonly breakGlass?: string;
  readonly acceptLate?: boolean;
}

/** Decisions about a campaign that exists. */
export function addDecisionCommands(campaign: Command): void {
  campaign
    .command('approve <id>')
    .description('approve what a colleague wrote')
    .option('--hash <hash>', 'the content hash you read; the present one by default')
    .action((id: string, options: { readonly hash?: string }, command: Command) =>
      inContext(command, async (context) => {
        const contentHash = options.hash ?? (await findCampaign(context, id)).contentHash;
        const request = { tenantId: context.tenantId, campaignId: id, contentHash };
        showCampaign(context, (await context.platform.campaigns.approveCampaign(request, CALL)).campaign);
      }),
    );
  campaign
    .command('release <id>')
    .description('send it, now or at its time')
    .option('--hash <hash>', 'the content hash you read; the present one by default')
    .option('--at <time>', 'set its time first (+2h or ISO 8601); it is previewed anew')
    .option('--break-glass <reason>', 'life-safety only, when nobody can approve: the reason is written down')
    .option('--accept-late', 'although it is expected to expire before it is complete')
    .action((id: string, options: ReleaseOptions, command: Command) => inContext(command, (context) => release(context, id, options)));
  campaign
    .command('pause <id>')
    .description('hold what has not left')
    .action((id: string, _options: unknown, command: Command) =>
      inContext(command, async (context) =>
        showCampaign(context, (await context.platform.campaigns.pauseCampaign(named(context, id), CALL)).campaign),
      ),
    );
  campaign
    .command('resume <id>')
    .description('go on after a pause')
    .action((id: string, _options: unknown, command: Command) =>
      inContext(command, async (context) =>
        showCampaign(context, (await context.platform.campaigns.resumeCampaign(named(context, id), CALL)).campaign),
      ),
    );
  campaign
    .command('stop <id>')
    .description('end it for good: who was not reached is not')
    .option('--reason <text>', 'written down', '')
    .action((id: string, options: { readonly reason: string }, command: Command) =>
      inContext(command, async (context) => {
        const request = { ...named(context, id), reason: options.reason };
        showCampaign(context, (await context.platform.campaigns.stopCampaign(request, CALL)).campaign);
      }),
    );
}

async function release(context: CommandContext, id: string, options: ReleaseOptions): Promise<void> {
  const { platform, tenantId } = context;
  let contentHash = options.hash;
  if (options.at !== undefined) {
    const at = moment('--at', options.at, Date.now());
    contentHash = (await setReleaseTime(platform, await findCampaign(context, id), at)).contentHash;
  }
  contentHash ??= (await findCampaign(context, id)).contentHash;
  const request = {
    tenantId,
    campaignId: id,
    contentHash,
    breakGlassReason: options.breakGlass ?? '',
    acceptLate: options.acceptLate ?? false,
  };
  showCampaign(context, (await platform.campaigns.releaseCampaign(request, CALL)).campaign);
}

function named({ tenantId }: CommandContext, campaignId: string): { tenantId: string; campaignId: string } {
  return { tenantId, campaignId };
}
