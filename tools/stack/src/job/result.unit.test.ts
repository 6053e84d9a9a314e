import { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import { describe, expect, it } from 'vitest';
import type { JoinedLedgers } from '../ledger/join.js';
import { findBroken, makeResult, type RunFacts } from './result.js';

const RELEASED = 1_000_000;

/** A city of 1,000 and a commune of 10, all reached in time. */
function goodRun(change: { joined?: Partial<JoinedLedgers>; rss?: number; kill?: RunFacts['kill']; terminal?: number } = {}): RunFacts {
  const tally = (recipients: number, terminal: number) => ({
    recipients,
    terminal,
    channels: [{ channel: 'sms', deliveries: recipients }],
  });
  return {
    ground: 'embedded',
    tenants: [
      { key: '1-city', insee: 'city', name: 'City', kind: 'city', file: '', recipients: 1_000, deliveries: { sms: 1_000 }, stops: [] },
      { key: '1-small', insee: 'small', name: 'Small', kind: 'commune', file: '', recipients: 10, deliveries: { sms: 10 }, stops: [] },
    ],
    rates: { sms: 500 },
    releases: [
      { insee: 'city', at: RELEASED, deliveries: { sms: 1_000 } },
      { insee: 'small', at: RELEASED + 1_000, deliveries: { sms: 10 } },
    ],
    campaigns: new Map([
      ['city', Campaign.fromPartial({ tally: tally(1_000, change.terminal ?? 1_000) })],
      ['small', Campaign.fromPartial({ tally: tally(10, 10) })],
    ]),
    joined: {
      lost: 0,
      duplicates: 0,
      unexpected: 0,
      accepted: { sms: 1_010 },
      rates: { sms: { mean: 490, peak: 505 } },
      tenants: {
        city: { first: RELEASED + 300, last: RELEASED + 2_100, accepted: 1_000 },
        small: { first: RELEASED + 1_100, last: RELEASED + 1_500, accepted: 10 },
      },
      duplicateIds: [],
      ...change.joined,
    },
    seconds: { ground: 5, import: 30 },
    rssMiB: { routing: change.rss ?? 200 },
    kill: change.kill,
  };
}

const late = {
  tenants: {
    city: { first: RELEASED + 2_500, last: RELEASED + 3_000, accepted: 1 },
    small: { first: RELEASED + 1_100, last: RELEASED + 12_000, accepted: 1 },
  },
};
const killed = (inDoubt: number, unmarked: number): RunFacts['kill'] => ({
  kills: [{ service: 'channel-sms', at: RELEASED, inDoubt }],
  markedDuplicates: 5,
  unmarked,
});

describe('the result of a run', () => {
  it('is one object with every figure of the promise', () => {
    expect(makeResult(goodRun())).toEqual({
      ground: 'embedded',
      city: { recipients: 1_000, terminal: 1_000, deliveries: 1_000 },
      communes: { count: 1, recipients: 10, terminal: 10 },
      lost: 0,
      duplicates: 0,
      rates: { sms: { configured: 500, mean: 490, peak: 505 } },
      seconds: { ground: 5, import: 30, cityFirstHandover: 0.3, cityLastHandover: 2.1, communesWorst: 0.5, communesWorstExcess: -9.5 },
      rssMiB: { routing: 200 },
    });
  });

  const rows: readonly { says: string; facts: RunFacts; broken: readonly RegExp[] }[] = [
    { says: 'a good run breaks nothing', facts: goodRun(), broken: [] },
    { says: 'a lost address', facts: goodRun({ joined: { lost: 1 } }), broken: [/1 addresses were lost/] },
    { says: 'a duplicate without a fault', facts: goodRun({ joined: { duplicates: 2 } }), broken: [/sent twice/] },
    { says: 'somebody who must not be reached', facts: goodRun({ joined: { unexpected: 3 } }), broken: [/must not be reached/] },
    { says: 'a recipient that never ended', facts: goodRun({ terminal: 999 }), broken: [/999 of the city's 1000/] },
    { says: 'too much memory', facts: goodRun({ rss: 301 }), broken: [/routing held 301 MiB/] },
    {
      says: 'a late first hand-over and a commune that waited',
      facts: goodRun({ joined: late }),
      broken: [/first hand-over took 2.5 s/, /waited 1 s longer/],
    },
    {
      says: 'duplicates within the doubt of the kills are no fault',
      facts: goodRun({ joined: { duplicates: 4 }, kill: killed(20, 0) }),
      broken: [],
    },
    {
      says: 'more duplicates than were in doubt',
      facts: goodRun({ joined: { duplicates: 21 }, kill: killed(20, 0) }),
      broken: [/more than the 20 in doubt/],
    },
    {
      says: 'a duplicate the ledger does not mark',
      facts: goodRun({ joined: { duplicates: 4 }, kill: killed(20, 1) }),
      broken: [/1 duplicates are not marked/],
    },
  ];
  it.each(rows)('$says', ({ facts, broken }) => {
    const found = findBroken(makeResult(facts), facts);
    expect(found).toHaveLength(broken.length);
    broken.forEach((sentence, index) => expect(found[index]).toMatch(sentence));
  });
});
