import { FlowHeap, type HeapMember } from '@tocsin/fairness';

interface Moment extends HeapMember {
  readonly run: () => void;
}

/** What happens when, in simulated ms; of two things at the same moment the one planned first. */
export class Timeline {
  now = 0;
  private planned = 0;
  private readonly moments = new FlowHeap<Moment>();

  at(time: number, run: () => void): void {
    this.moments.settle({ key: Math.max(time, this.now), arrival: ++this.planned, slot: -1, run });
  }

  in(ms: number, run: () => void): void {
    this.at(this.now + ms, run);
  }

  /** Runs until nothing is planned or the condition holds. */
  run(ended: () => boolean): void {
    for (let moment = this.moments.first(); moment && !ended(); moment = this.moments.first()) {
      this.moments.remove(moment);
      this.now = moment.key;
      moment.run();
    }
  }
}
