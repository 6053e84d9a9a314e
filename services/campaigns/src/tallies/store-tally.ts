import type { TallyPart } from '@tocsin/contracts/deliveries/v1/tallies';
import { TocsinError } from '@tocsin/errors';
import type { AggregateStore, Documents } from '@tocsin/mongo';
import type { CampaignRecord } from '../core/campaign-record.js';
import { readRecord } from '../core/campaign-record.js';
import { finishCampaign } from '../core/decide/finish-campaign.js';
import { isComplete, mergeParts, type Parts, tallyOfParts } from '../core/tally-parts.js';
import { encodeParts, partsOf, type TallyDocument } from './tally-document.js';

/** Times a tally is merged anew when the other instance wrote first. */
const MAX_TRIES = 10;

export interface StoreTallyParts {
  readonly tallies: Documents<TallyDocument>;
  readonly campaigns: AggregateStore<CampaignRecord>;
  now(): number;
}

/** Merges parts into a campaign's tally and, when they are complete, ends the campaign by one guarded write. False: nothing new. */
export async function storeTally(campaignId: string, news: readonly TallyPart[], parts: StoreTallyParts): Promise<boolean> {
  const first = news[0];
  if (!first) return false;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const stored = await parts.tallies.get(campaignId);
    const merged = mergeParts(partsOf(stored), news);
    // Known already; that the campaign was told may still be missing, where a crash came between the two writes.
    if (!merged && (!stored || stored.finished || !isComplete(partsOf(stored)))) return false;
    const known = merged ?? partsOf(stored);
    if (merged) {
      const document = {
        _id: campaignId,
        v: stored?.v ?? 1,
        tenantId: first.tenantId,
        parts: encodeParts(merged),
        finished: stored?.finished ?? false,
      };
      const won = stored ? await parts.tallies.replace(document) : await parts.tallies.insert(document);
      if (!won) continue;
    }
    if (stored?.finished !== true && isComplete(known)) await finish(campaignId, known, parts);
    return true;
  }
  throw new TocsinError('ABORTED', 'TOO_MANY_WRITERS', 'Others count the same campaign at the same time; try again.');
}

async function finish(campaignId: string, known: Parts, parts: StoreTallyParts): Promise<void> {
  const tally = tallyOfParts(known);
  await parts.campaigns.update(campaignId, (stored, version) => finishCampaign(readRecord(stored), version, tally, parts.now()));
  // Only spares later reads of the campaign: should it be lost, the decision above says null.
  const stored = await parts.tallies.get(campaignId);
  if (stored && !stored.finished) await parts.tallies.replace({ ...stored, finished: true });
}
