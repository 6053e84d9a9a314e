import { describe, expect, it } from 'vitest';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { AlertSteps } from './alert-steps.js';

const STEP = { alertStep: true };

describe('steps of an alert', () => {
  it.each([
    { label: 'a draft says its lane', request: { content: { lane: Lane.LIFE_SAFETY } }, standing: 'life-safety' },
    { label: 'a draft of news is none', request: { content: { lane: Lane.BULK } }, standing: 'ordinary' },
    { label: 'a campaign seen to be life-safety', request: { campaignId: 'cmp_alert' }, standing: 'life-safety' },
    { label: 'a campaign seen to be news', request: { campaignId: 'cmp_news' }, standing: 'ordinary' },
    { label: 'a campaign nobody has seen here', request: { campaignId: 'cmp_other' }, standing: 'unknown' },
  ])('$label: $standing', ({ request, standing }) => {
    const steps = new AlertSteps();
    steps.learn({ campaign: { campaignId: 'cmp_alert', lane: Lane.LIFE_SAFETY } });
    steps.learn({ campaign: { campaignId: 'cmp_news', lane: Lane.STANDARD } });
    steps.learn({});
    expect(steps.standing(STEP, request)).toBe(standing);
  });

  it('a read is none, whatever it reads', () => {
    const steps = new AlertSteps();
    steps.learn({ campaign: { campaignId: 'cmp_alert', lane: Lane.LIFE_SAFETY } });
    expect(steps.standing({ alertStep: false }, { campaignId: 'cmp_alert' })).toBe('ordinary');
  });

  it('a lane that was changed is believed as it is now', () => {
    const steps = new AlertSteps();
    steps.learn({ campaign: { campaignId: 'cmp_1', lane: Lane.LIFE_SAFETY } });
    steps.learn({ campaign: { campaignId: 'cmp_1', lane: Lane.STANDARD } });
    expect(steps.standing(STEP, { campaignId: 'cmp_1' })).toBe('ordinary');
  });

  it('are known of so many campaigns, and the one not seen for longest is forgotten first', () => {
    const steps = new AlertSteps();
    const see = (campaignId: string): void => steps.learn({ campaign: { campaignId, lane: Lane.LIFE_SAFETY } });
    see('cmp_first');
    see('cmp_second');
    for (let other = 0; other < 19_998; other += 1) see(`cmp_${other}`);
    see('cmp_first');
    see('cmp_last');
    expect(['cmp_first', 'cmp_second', 'cmp_last'].map((campaignId) => steps.standing(STEP, { campaignId }))).toEqual([
      'life-safety',
      'unknown',
      'life-safety',
    ]);
  });
});
