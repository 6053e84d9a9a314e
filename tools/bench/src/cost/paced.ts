import type { ExpectedTenant } from '../../../stack/dist/job/read-manifest.js';
import type { Supervisor } from '../../../stack/dist/stack/supervisor.js';
import { City } from './city.js';
import { PACED_PER_SECOND, type Round } from './cost-result.js';
import { rateSettings } from './open-rates.js';
import { sendRound } from './send-round.js';

/** ms for channels that have just started, and for the checkpoints of the campaign before. */
const SETTLE_MS = 5_000;

export interface PacedOptions {
  readonly supervisor: Supervisor;
  readonly city: ExpectedTenant;
  /** Messages of the campaign before by service of the channel: the pace is split alike. */
  readonly byService: ReadonlyMap<string, number>;
  readonly say: (line: string) => void;
}

/**
 * The whole path at 500 messages a second: each channel starts anew with its part of that as its provider's rate. A first campaign warms the new processes
 * up, the second is measured from its release to its end, so that planning, receipts and tallies are those of its own messages.
 */
export async function measurePaced({ supervisor, city: expected, byService, say }: PacedOptions): Promise<Round> {
  const city = await City.open(supervisor, expected);
  await city.importRegister();
  await city.sendStops();
  const all = [...byService.values()].reduce((sum, count) => sum + count, 0);
  for (const channel of supervisor.channels) {
    const part = (byService.get(channel.service) ?? 0) / Math.max(1, all);
    await supervisor.restartWith(channel.service, rateSettings(channel, Math.max(1, Math.round(part * PACED_PER_SECOND))));
  }
  say(`Channels take ${PACED_PER_SECOND} messages a second together now.`);
  const measured: Round[] = [];
  for (const what of ['to warm up', 'measured']) {
    const draft = await city.prepareCampaign();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const { round } = await sendRound(supervisor, city, draft, () => undefined);
    measured.push(round);
    say(`At ${PACED_PER_SECOND}/s, ${what}: ${round.messages} messages in ${round.seconds.toFixed(1)} s.`);
  }
  city.close();
  const last = measured.at(-1);
  if (last === undefined) throw new Error('two campaigns have just been sent');
  return last;
}
