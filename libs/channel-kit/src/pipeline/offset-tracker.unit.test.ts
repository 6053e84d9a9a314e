import { describe, expect, it } from 'vitest';
import { OffsetTracker } from './offset-tracker.js';

describe('offset tracker', () => {
  it('lets a partition be committed only up to the first record with an open item', () => {
    const tracker = new OffsetTracker();
    const [first, second, third] = [tracker.open('t', 0, 10, 2), tracker.open('t', 0, 11, 1), tracker.open('t', 0, 12, 1)];
    tracker.settle(second);
    tracker.settle(first);
    expect(tracker.takeCommittable()).toEqual([]);
    tracker.settle(first);
    expect(tracker.takeCommittable()).toEqual([{ topic: 't', partition: 0, offset: 12 }]);
    expect(tracker.takeCommittable()).toEqual([]);
    tracker.settle(third);
    expect(tracker.takeCommittable()).toEqual([{ topic: 't', partition: 0, offset: 13 }]);
  });

  it('counts a record without items as done, and keeps partitions apart', () => {
    const tracker = new OffsetTracker();
    tracker.open('t', 0, 5, 0);
    tracker.open('t', 1, 5, 1);
    expect(tracker.takeCommittable()).toEqual([{ topic: 't', partition: 0, offset: 6 }]);
  });

  it('commits nothing of an assignment that is over', () => {
    const tracker = new OffsetTracker();
    const old = tracker.open('t', 0, 5, 1);
    tracker.clear();
    tracker.settle(old);
    expect(tracker.takeCommittable()).toEqual([]);
  });

  it('goes on beyond its own tidying', () => {
    const tracker = new OffsetTracker();
    for (let offset = 0; offset < 5_000; offset++) {
      tracker.settle(tracker.open('t', 0, offset, 1));
      if (offset % 700 === 0) tracker.takeCommittable();
    }
    expect(tracker.takeCommittable()).toEqual([{ topic: 't', partition: 0, offset: 5_000 }]);
  });
});
