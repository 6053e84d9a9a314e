import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CampaignRing } from './campaign-ring.js';

describe('campaign ring', () => {
  it('is a queue whose first goes to its end: like a plain list, whatever joins, leaves and passes on', () => {
    const step = fc.record({
      act: fc.constantFrom('add', 'delete', 'pass', 'pass any'),
      campaign: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ring = new CampaignRing();
        let list: string[] = [];
        for (const { act, campaign } of steps) {
          if (act === 'add') {
            ring.add(campaign);
            if (!list.includes(campaign)) list.push(campaign);
          } else if (act === 'delete') {
            ring.delete(campaign);
            list = list.filter((one) => one !== campaign);
          } else {
            const passed = act === 'pass' ? (list[0] ?? campaign) : campaign;
            ring.passOn(passed);
            if (list.includes(passed)) list = [...list.filter((one) => one !== passed), passed];
          }
          expect(ring.inTurn()).toEqual(list);
          expect(ring.first()).toBe(list[0]);
          expect(ring.size).toBe(list.length);
        }
      }),
      { seed: 31, numRuns: 300 },
    );
  });
});
