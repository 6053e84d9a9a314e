import { Option, type Command } from 'commander';
import { CampaignState, type Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import { DeliveryState, RecipientFilter, type RecipientReport } from '@tocsin/contracts/deliveries/v1/reports_service';
import { watchCampaign } from '../campaign/watch-stream.js';
import { inContext, type CommandContext } from '../command-context.js';
import { EXIT } from '../exit-codes.js';
import { enumName, wholeNumber } from '../option-values.js';
import { pages } from '../pages.js';
import { LONG_CALL } from '../platform.js';
import { startProgress } from '../progress.js';
import { count, wordFor } from '../text/catalogue.js';
import { campaignView, reasonLines, stateWord, tallyLines } from '../views/campaign-view.js';
import { forecastLabel } from '../views/forecast-view.js';
import { when } from '../views/tenant-view.js';

interface ReportOptions {
  readonly reached?: boolean;
  readonly notReached?: boolean;
  readonly pending?: boolean;
}

/** What becomes of a campaign. */
export function addOutcomeCommands(campaign: Command): void {
  campaign
    .command('watch <id>')
    .description('follow it to its end; exit code 1 when it was stopped or expired')
    .option('--cursor <cursor>', 'go on after this one', '0')
    .action((id: string, options: { readonly cursor: string }, command: Command) =>
      inContext(command, (context) => watch(context, id, wholeNumber('--cursor', options.cursor, 0, Number.MAX_SAFE_INTEGER))),
    );
  campaign
    .command('report <id>')
    .description('counts; with one of the options the recipients themselves, with --json one line each')
    .addOption(new Option('--reached', 'who was reached').conflicts(['notReached', 'pending']))
    .addOption(new Option('--not-reached', 'who was not, and why').conflicts(['reached', 'pending']))
    .addOption(new Option('--pending', 'who is still on the way').conflicts(['reached', 'notReached']))
    .action((id: string, options: ReportOptions, command: Command) => inContext(command, (context) => report(context, id, options)));
}

async function watch(context: CommandContext, id: string, cursor: number): Promise<void> {
  const { platform, output, tenantId } = context;
  const progress = startProgress(id, output.json);
  let last: Campaign | undefined;
  try {
    for await (const answer of watchCampaign(platform, tenantId, id, cursor)) {
      if (answer.campaign === undefined) continue;
      last = answer.campaign;
      const { tally } = last;
      if (output.json) output.result({ cursor: answer.cursor, campaign: campaignView(last) }, () => []);
      const label = `${count(output.words, tally?.terminal ?? 0)}/${count(output.words, tally?.recipients ?? 0)} ${output.words('terminal')}`;
      const held = last.holdReason === '' ? '' : ` · ${wordFor(output.words, 'reason', last.holdReason)}`;
      progress.update(
        tally?.terminal ?? 0,
        tally?.recipients ?? 0,
        `${label} · ${stateWord(output.words, last.state)}${held}${forecastLabel(output.words, last.forecast, Date.now())}`,
      );
    }
  } finally {
    progress.stop();
  }
  if (last === undefined) return;
  const ended = last;
  if (!output.json) {
    output.result({}, () => [
      `${ended.title}: ${stateWord(output.words, ended.state)}`,
      ...(ended.tally ? tallyLines(output.words, ended.tally) : []),
    ]);
  }
  if (ended.state === CampaignState.STOPPED || ended.state === CampaignState.EXPIRED) context.exitWith(EXIT.failed);
}

async function report(context: CommandContext, id: string, options: ReportOptions): Promise<void> {
  const { platform, output, tenantId } = context;
  const filter = filterOf(options);
  if (filter === undefined) {
    const { tally } = await platform.reports.getTally({ tenantId, campaignId: id }, LONG_CALL);
    output.result({ tally: tally ?? null }, () => (tally ? tallyLines(output.words, tally) : []));
    return;
  }
  const recipients = pages(async (pageToken) => {
    const answer = await platform.reports.listRecipients({ tenantId, campaignId: id, filter, pageSize: 1_000, pageToken }, LONG_CALL);
    return { items: answer.recipients, next: answer.nextPageToken };
  });
  for await (const recipient of recipients) {
    output.result(recipientView(recipient), () =>
      recipient.deliveries.map((row) => {
        const reason = row.reason === '' ? '' : `  ${wordFor(output.words, 'reason', row.reason)} ${row.providerCode}`;
        return `${recipient.contactId}  ${row.channel}  ${wordFor(output.words, 'delivery', DeliveryState[row.state])}${reason}`.trimEnd();
      }),
    );
  }
  // They are no recipients, so no line above is theirs; in JSON they stand in the counts ("report" without a filter).
  if (filter === RecipientFilter.NOT_REACHED && !output.json) {
    const { tally } = await platform.reports.getTally({ tenantId, campaignId: id }, LONG_CALL);
    output.result({}, () => reasonLines(output.words, tally?.notReachable ?? [], 'excludedBefore'));
  }
}

function filterOf(options: ReportOptions): RecipientFilter | undefined {
  if (options.reached === true) return RecipientFilter.REACHED;
  if (options.notReached === true) return RecipientFilter.NOT_REACHED;
  return options.pending === true ? RecipientFilter.PENDING : undefined;
}

function recipientView(recipient: RecipientReport): object {
  return {
    ...recipient,
    state: enumName(DeliveryState, recipient.state),
    deliveries: recipient.deliveries.map((row) => ({
      ...row,
      state: enumName(DeliveryState, row.state),
      submittedAt: when(row.submittedAt),
      settledAt: when(row.settledAt),
    })),
  };
}
