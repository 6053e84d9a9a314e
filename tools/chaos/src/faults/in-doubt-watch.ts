import { plainValue, scrape } from '../../../stack/dist/job/read-gauge.js';
import type { Target } from '../target/target.js';

/** Between two looks at every channel instance, ms: a look costs each some 3 ms. */
const LOOK_MS = 1_000;
/** Samples kept an instance: the longest fault and what came before it. */
const KEPT = 180;

interface Sample {
  readonly at: number;
  readonly value: number;
}

/** Follows the in-doubt gauge of every channel instance, which nobody can ask once it is killed or frozen. */
export class InDoubtWatch {
  readonly #samples = new Map<string, Sample[]>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly target: Target) {}

  start(): void {
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async look(): Promise<void> {
    const channels = this.target.processes().filter(({ service }) => service.startsWith('channel-'));
    await Promise.all(
      channels.map(async ({ name, http }) => {
        const value = plainValue(await scrape(http), 'tocsin_channel_in_doubt');
        if (value === undefined) return;
        const samples = this.#samples.get(name) ?? [];
        samples.push({ at: Date.now(), value });
        if (samples.length > KEPT) samples.shift();
        this.#samples.set(name, samples);
      }),
    );
  }

  /** The largest value of each instance named within [from, to] (Unix ms), added up. */
  sum(names: readonly string[], from: number, to: number): number {
    return names.reduce((total, name) => {
      const seen = (this.#samples.get(name) ?? []).filter(({ at }) => at >= from && at <= to);
      return total + seen.reduce((most, { value }) => Math.max(most, value), 0);
    }, 0);
  }
}
