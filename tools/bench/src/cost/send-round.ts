import { ledgerFile } from '../../../stack/dist/stack/process-plan.js';
import type { Supervisor } from '../../../stack/dist/stack/supervisor.js';
import type { PreparedCampaign } from '../../../stack/dist/job/prepare-campaign.js';
import { spentBy } from '../world/cpu.js';
import type { City } from './city.js';
import type { Round } from './cost-result.js';
import { countAccepted } from './count-accepted.js';

/** Messages between two lines of progress. */
const SAY_EVERY = 25_000;

/** Sends a prepared campaign to its end: what it took, and how many messages each channel's stand-in accepted. */
export async function sendRound(
  supervisor: Supervisor,
  city: City,
  draft: PreparedCampaign,
  say: (line: string) => void,
): Promise<{ readonly round: Round; readonly byService: ReadonlyMap<string, number> }> {
  let releasedAt = 0;
  let said = 0;
  const { seconds, used } = await spentBy(supervisor, async () => {
    releasedAt = await city.sendCampaign(draft, (handedOver) => {
      if (handedOver - said < SAY_EVERY) return;
      said = handedOver;
      say(`${handedOver} messages handed over.`);
    });
  });
  const byService = new Map<string, number>();
  for (const channel of supervisor.channels) {
    byService.set(channel.service, await countAccepted(ledgerFile(supervisor.paths, channel), releasedAt));
  }
  const messages = [...byService.values()].reduce((sum, count) => sum + count, 0);
  return { round: { messages, seconds, used }, byService };
}
