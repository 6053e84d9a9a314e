import { scrape, seriesValue } from '../../../stack/dist/job/read-gauge.js';
import type { Target } from '../target/target.js';

/** The instance of routing that owns a channel's scheduler: of those that answer, the one of the highest epoch. */
export async function schedulerOwner(target: Target, channel: string): Promise<string> {
  const instances = target.processes().filter(({ service }) => service === 'routing');
  const epochs = await Promise.all(
    instances.map(async ({ name, http }) => ({
      name,
      epoch: seriesValue(await scrape(http), 'tocsin_scheduler_epoch', `channel="${channel}"`) ?? -1,
    })),
  );
  return epochs.toSorted((a, b) => b.epoch - a.epoch)[0]?.name ?? '';
}
