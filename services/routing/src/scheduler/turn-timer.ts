import type { Clock } from '@tocsin/service-kit';

/** setTimeout takes 31 bits, ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** One timer that keeps the earliest of the moments it was asked for: nothing runs while nothing was asked. */
export class TurnTimer {
  private timer: NodeJS.Timeout | undefined;
  private at = Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  in(ms: number): void {
    const at = this.clock.monotonic() + ms;
    if (this.timer && this.at <= at) return;
    clearTimeout(this.timer);
    this.at = at;
    this.timer = setTimeout(
      () => {
        this.cancel();
        this.ring();
      },
      Math.min(ms, MAX_TIMER_MS),
    );
  }

  cancel(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.at = Infinity;
  }
}
