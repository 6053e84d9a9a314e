import { FairTurns } from '@tocsin/fairness';
import { FLOORS, type Lane } from './lanes.js';

/** Milliseconds of computing after which others get a turn of the event loop: what is short waits at most this long behind what is long. */
const SLICE_MS = 5;

/** Computing that waits for its next slice, one slice a turn of the event loop among all of it. */
const waiting = new FairTurns<() => void>(
  [
    { atOnce: 1, floor: FLOORS.dispatch },
    { atOnce: 1, floor: FLOORS.person },
    { atOnce: 1, floor: FLOORS.file },
  ],
  1,
);
let pumping = false;

/**
 * Cuts long computing into slices: `await slices.breathe()` between items costs nothing until a slice is over; then the next one comes in turn, by lane and then by tenant. So four previews of a city or forty
 * imports hold up a village as little as one does, and calls that compute little are answered between two slices.
 */
export class Slices {
  private started = performance.now();

  constructor(
    private readonly lane: Lane,
    private readonly tenant: string,
  ) {}

  breathe(): Promise<void> | undefined {
    if (performance.now() - this.started < SLICE_MS) return undefined;
    return this.turn();
  }

  /** Waits for a turn of the event loop. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      waiting.add(this.lane, this.tenant, () => {
        this.started = performance.now();
        resolve();
      });
      if (pumping) return;
      pumping = true;
      setImmediate(pump);
    });
  }
}

/** One slice: what it resumes computes before the next turn of the loop. */
function pump(): void {
  const turn = waiting.next();
  pumping = turn !== undefined;
  if (!turn) return;
  turn.work();
  waiting.end(turn.lane);
  setImmediate(pump);
}
