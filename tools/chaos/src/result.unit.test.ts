import { describe, expect, it } from 'vitest';
import type { FaultLog } from './faults/fault-log.js';
import type { Verdict } from './oracle/judge-campaign.js';
import { makeResult, type RunFacts } from './result.js';
import type { CampaignLog } from './world/campaign-log.js';

const verdict = (more: Partial<Verdict> = {}): Verdict => ({
  recipients: 10,
  lost: 0,
  unterminated: 0,
  duplicates: 0,
  unmarked: 0,
  overtaken: 0,
  afterExpiry: 0,
  strangers: 0,
  miscounted: 0,
  examples: [],
  ...more,
});
const fault: FaultLog = {
  index: 0,
  kind: 'kill-channel',
  subject: 'channel-sms',
  startedAt: 1_000,
  endedAt: 4_000,
  inDoubt: 3,
  overlapped: false,
};
const campaign: CampaignLog = {
  planned: {
    index: 0,
    at: 0,
    tenant: 0,
    lane: 'life-safety',
    channels: ['sms'],
    mode: 'parallel',
    expiresAfter: 1,
    act: { kind: 'none' },
    duringFault: 0,
  },
  tenantId: 't',
  numbers: { first: 0, count: 10 },
  campaignId: 'c',
  expiresAt: 99_000,
  calledAt: 1_900,
  answeredAt: 2_000,
};
const facts = (more: Partial<RunFacts> = {}): RunFacts => ({
  seed: 1,
  minutes: 1,
  ground: {},
  faults: [fault],
  kinds: ['kill-channel', 'kill-broker'],
  campaigns: [campaign],
  verdicts: new Map([['c', verdict()]]),
  firstSms: new Map([['c', 5_500]]),
  sms: [500, 900, 5_500, 5_600].map((at) => ({ at, campaignId: 'c' })),
  submissions: 10,
  unknownCampaigns: 0,
  unreleased: [],
  tallies: { samples: 5, unbalanced: 0, examples: [] },
  failedCalls: new Map(),
  ...more,
});
const withVerdict = (more: Partial<Verdict>): Partial<RunFacts> => ({ verdicts: new Map([['c', verdict(more)]]) });

describe('the result of a run', () => {
  it('is well when nothing is wrong, and says what was covered and what was not', () => {
    expect(makeResult(facts())).toMatchObject({
      ok: true,
      inDoubtSum: 3,
      faults: { total: 1, whileSending: 1, byKind: { 'kill-channel': 1 } },
      coverage: { kinds: '1 of 2', missing: ['kill-broker'] },
      lifeSafetyMs: { campaigns: 1, p50: 1_500, max: 1_500 },
      pauseTargets: { 'process killed': { faults: 1, measured: 3_500, target: 5_000, met: true } },
    });
  });

  const wrong: readonly { says: string; more: Partial<RunFacts> }[] = [
    { says: 'somebody is lost', more: withVerdict({ lost: 1 }) },
    { says: 'somebody waits for ever', more: withVerdict({ unterminated: 1 }) },
    { says: 'more was sent twice than was in doubt', more: withVerdict({ duplicates: 4 }) },
    { says: 'a duplicate is not marked', more: withVerdict({ duplicates: 1, unmarked: 1 }) },
    { says: 'an original came after its correction', more: withVerdict({ overtaken: 1 }) },
    { says: 'something left after its end', more: withVerdict({ afterExpiry: 1 }) },
    { says: 'a stranger got something', more: withVerdict({ strangers: 1 }) },
    { says: 'the figures of a campaign differ from its report', more: withVerdict({ miscounted: 1 }) },
    { says: 'a campaign nobody released was sent', more: { unknownCampaigns: 1 } },
    { says: 'figures did not add up', more: { tallies: { samples: 5, unbalanced: 1, examples: [] } } },
    { says: 'a campaign could not be released', more: { unreleased: ['0: away'] } },
  ];
  it.each(wrong)('is not well when $says', ({ more }) => {
    expect(makeResult(facts(more)).ok).toBe(false);
  });

  it('lets a life-safety campaign wait for a fault that began before its first message, and for no other', () => {
    const mute = { ...fault, index: 1, kind: 'provider-mute', startedAt: 4_500, endedAt: 5_200 };
    const waited = (more: Partial<typeof mute>) => makeResult(facts({ faults: [fault, { ...mute, ...more }] }))['lifeSafetyMs'];
    expect(waited({})).toMatchObject({ max: 300 });
    expect(waited({ startedAt: 5_600, endedAt: 5_700 })).toMatchObject({ max: 1_500 });
    expect(waited({ startedAt: 1_000, endedAt: 1_900 })).toMatchObject({ max: 1_500 });
  });

  it('allows as many duplicates as were in doubt', () => {
    expect(makeResult(facts(withVerdict({ duplicates: 3 }))).ok).toBe(true);
  });
});
