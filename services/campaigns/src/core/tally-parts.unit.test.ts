import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TallyPart } from '@tocsin/contracts/deliveries/v1/tallies';
import { isComplete, mergeParts, type Parts, tallyOfParts } from './tally-parts.js';

function part(partition: number, sequence: number, recipients: number, terminal: number, closedRecipients = 0): TallyPart {
  const tally = {
    recipients,
    terminal,
    delivered: terminal,
    pending: recipients - terminal,
    planClosed: closedRecipients > 0,
    channels: [{ channel: 'sms', deliveries: recipients, onDevice: terminal }],
    notReachable: closedRecipients > 0 ? [{ reason: 'NO_ADDRESS', count: 7 }] : [],
  };
  return TallyPart.fromPartial({ campaignId: 'cmp', partition, sequence, tally, closed: closedRecipients > 0, closedRecipients });
}

const merge = (parts: readonly TallyPart[]): Parts => parts.reduce<Parts>((known, one) => mergeParts(known, [one]) ?? known, new Map());

describe('the parts of a tally', () => {
  const latest = [part(0, 3, 10, 10, 25), part(1, 2, 15, 15, 25)];
  const history = [part(0, 1, 4, 0), part(0, 2, 10, 2), part(1, 1, 15, 3), ...latest];

  it('come to the same sum in any order, each of them twice', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...history, ...history], { minLength: history.length * 2 }), (shuffled) => {
        expect(tallyOfParts(merge(shuffled))).toEqual(tallyOfParts(merge(latest)));
      }),
    );
  });

  it('are added up, but what was not reachable is the whole campaign', () => {
    const tally = tallyOfParts(merge(latest));
    expect(tally).toMatchObject({ recipients: 25, delivered: 25, pending: 0, notReachable: [{ reason: 'NO_ADDRESS', count: 7 }] });
    expect(tally.channels[0]).toMatchObject({ channel: 'sms', deliveries: 25, onDevice: 25 });
  });

  it('say nothing new the second time', () => {
    expect(mergeParts(merge(latest), history)).toBeNull();
  });

  const rows: { says: string; given: TallyPart[]; expected: boolean }[] = [
    { says: 'every recipient of a closed plan terminal is complete', given: latest, expected: true },
    { says: 'an open plan is not', given: [part(0, 1, 10, 10)], expected: false },
    { says: 'a part that has not reported its slices is missing', given: [part(0, 3, 10, 10, 25)], expected: false },
    { says: 'a pending recipient is missing', given: [part(0, 3, 10, 9, 25), part(1, 2, 15, 15, 25)], expected: false },
  ];
  it.each(rows)('$says', ({ given, expected }) => {
    expect(isComplete(merge(given))).toBe(expected);
  });
});
