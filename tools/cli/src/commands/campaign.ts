import type { Command } from 'commander';
import type { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import { changedContent, contentOf, withContentOptions, type ContentOptions } from '../campaign/content-options.js';
import { inContext, type CommandContext } from '../command-context.js';
import { all, pages } from '../pages.js';
import { CALL, LONG_CALL } from '../platform.js';
import { table } from '../text/table.js';
import { campaignLines, campaignView, stateWord } from '../views/campaign-view.js';
import { contentLines } from '../views/content-view.js';
import { previewLines, previewView } from '../views/preview-view.js';

/** Drafts: written, changed, looked at. */
export function addDraftCommands(campaign: Command): void {
  withContentOptions(campaign.command('create').description('write a draft')).action((options: ContentOptions, command: Command) =>
    inContext(command, async (context) => {
      const { platform, tenantId, idempotencyKey } = context;
      const answer = await platform.campaigns.createCampaign({ idempotencyKey, tenantId, content: contentOf(options, Date.now()) }, CALL);
      showCampaign(context, answer.campaign);
    }),
  );
  withContentOptions(campaign.command('update <id>').description('change what is given of a draft; an approval is void after it')).action(
    (id: string, options: ContentOptions, command: Command) =>
      inContext(command, async (context) => {
        const { platform, tenantId } = context;
        const draft = await findCampaign(context, id);
        const { version } = draft;
        const content = changedContent(draft, options, Date.now());
        showCampaign(context, (await platform.campaigns.updateCampaign({ tenantId, campaignId: id, version, content }, CALL)).campaign);
      }),
  );
  campaign
    .command('show <id>')
    .description('a campaign as it was written, and its counts: what an approver reads')
    .action((id: string, _options: unknown, command: Command) =>
      inContext(command, async (context) => {
        const found = await findCampaign(context, id);
        const { output } = context;
        output.result({ campaign: campaignView(found) }, () => [
          ...campaignLines(output.words, found),
          ...contentLines(output.words, found),
        ]);
      }),
    );
  campaign
    .command('list')
    .description('campaigns of the tenant')
    .action((_options: unknown, command: Command) =>
      inContext(command, async ({ platform, output, tenantId }) => {
        const campaigns = await all(
          pages(async (pageToken) => {
            const answer = await platform.campaigns.listCampaigns({ tenantId, pageSize: 100, pageToken }, CALL);
            return { items: answer.campaigns, next: answer.nextPageToken };
          }),
        );
        output.result({ campaigns: campaigns.map(campaignView) }, () =>
          table(
            ['id', output.words('title'), output.words('state'), output.words('recipients')],
            campaigns.map((row) => [row.campaignId, row.title, stateWord(output.words, row.state), row.tally?.recipients ?? 0]),
          ),
        );
      }),
    );
  campaign
    .command('preview <id>')
    .description('recipients by channel, cost, who cannot be reached, a sample')
    .action((id: string, _options: unknown, command: Command) =>
      inContext(command, async ({ platform, output, tenantId }) => {
        const preview = await platform.campaigns.previewCampaign({ tenantId, campaignId: id }, LONG_CALL);
        output.result(previewView(preview), () => previewLines(output.words, preview));
      }),
    );
}

export async function findCampaign({ platform, tenantId }: CommandContext, id: string): Promise<Campaign> {
  const { campaign } = await platform.campaigns.getCampaign({ tenantId, campaignId: id }, CALL);
  if (campaign === undefined) throw new Error('The platform answered without a campaign.');
  return campaign;
}

export function showCampaign({ output }: CommandContext, campaign: Campaign | undefined): void {
  output.result({ campaign: campaign ? campaignView(campaign) : null }, () => (campaign ? campaignLines(output.words, campaign) : []));
}
