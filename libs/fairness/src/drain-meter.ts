/** One sample of a drain, ms: attempts come in batches, so that shorter ones would measure the batches. */
const SAMPLE_MS = 1_000;
/** A sample that took longer says more about this process than about the provider, ms. */
const LONGEST_SAMPLE_MS = 3_000;
/** Part of a new sample in the mean, once there are as many as its inverse. */
const FRESH = 0.15;
/** Samples before anything is said: the first ones of a process are slow by themselves. */
const LEAST_SAMPLES = 4;
/** After this long without a busy second nobody knows any more what the provider takes, ms. */
const FORGOTTEN_MS = 10 * 60 * 1_000;

export interface Drain {
  /** Cost units a second while there was always something to hand over: mean and standard deviation of single seconds; 0 = not seen lately. */
  readonly mean: number;
  readonly deviation: number;
  /** Unix ms of the last of those seconds, 0 = none. */
  readonly seenAt: number;
  /** Part of what is handed over that is another attempt of the same delivery, 0 to 1. */
  readonly againPart: number;
}

/** What a provider takes while it is kept busy. Pure: time comes in as Unix ms. */
export class DrainMeter {
  private mean = 0;
  private variance = 0;
  private samples = 0;
  private again = 0;
  private sampledAt = -Infinity;
  private startedAt = -Infinity;
  private units = 0;
  private againUnits = 0;
  /** There was something to hand over at every look since the sample began. */
  private busy = false;
  private wasBusy = false;

  /** Handed over, or failed in the attempt: the provider's time was used. */
  handedOver(units: number, isAgain: boolean): void {
    this.units += units;
    if (isAgain) this.againUnits += units;
  }

  /** Call a few times a second. `backlog`: something waits for the provider now. */
  look(now: number, backlog: boolean): void {
    this.busy &&= backlog;
    const elapsed = now - this.startedAt;
    if (elapsed < SAMPLE_MS && this.startedAt !== -Infinity) return;
    if (elapsed <= LONGEST_SAMPLE_MS) this.sample(elapsed, now);
    this.startedAt = now;
    this.units = this.againUnits = 0;
    this.busy = backlog;
  }

  lately(now: number): Drain {
    if (this.samples < LEAST_SAMPLES || now - this.sampledAt > FORGOTTEN_MS) {
      return { mean: 0, deviation: 0, seenAt: 0, againPart: this.again };
    }
    return { mean: this.mean, deviation: Math.sqrt(this.variance), seenAt: this.sampledAt, againPart: this.again };
  }

  private sample(elapsed: number, now: number): void {
    if (this.units > 0) this.again += (this.againUnits / this.units - this.again) * FRESH;
    const wholeSecond = this.busy && this.wasBusy;
    this.wasBusy = this.busy;
    // A backlog that has just come takes a while to reach the provider.
    if (!wholeSecond) return;
    if (now - this.sampledAt > FORGOTTEN_MS) this.samples = this.mean = this.variance = 0;
    const part = Math.max(FRESH, 1 / ++this.samples);
    const difference = (this.units * 1_000) / elapsed - this.mean;
    this.mean += difference * part;
    this.variance = (1 - part) * (this.variance + part * difference * difference);
    this.sampledAt = now;
  }
}
