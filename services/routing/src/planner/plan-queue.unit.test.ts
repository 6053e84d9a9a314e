import { describe, expect, it } from 'vitest';
import { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import { expansionLimit } from './expansion-guard.js';
import { PlanQueue, type WaitingPlan } from './plan-queue.js';
import { itemCostOf } from './template-cost.js';

/** A plan of a tenant of its own, beyond its first page. */
function plan(campaignId: string, lane: number, change: Partial<WaitingPlan> = {}): WaitingPlan {
  return { campaignId, tenantId: campaignId, lane, weight: 1, first: false, ...change };
}

describe('plans in work', () => {
  it('are served by lane, then one page each in turn', () => {
    const queue = new PlanQueue();
    queue.add(plan('city', 3));
    queue.add(plan('commune', 3));
    queue.add(plan('bulk', 4));
    const turns: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      if (turn === 2) queue.add(plan('flood', 1));
      const next = queue.next();
      if (next === undefined) break;
      turns.push(next);
      if (next !== 'flood') queue.add(plan(next, 3));
    }
    expect(turns).toEqual(['city', 'commune', 'flood', 'city', 'commune', 'city']);
  });

  it('wait once, however often they are added', () => {
    const queue = new PlanQueue();
    queue.add(plan('a', 1));
    queue.add(plan('a', 1));
    expect([queue.next(), queue.next()]).toEqual(['a', undefined]);
  });

  it('a tenant with many campaigns has one turn, by its weight, and they take it one after the other', () => {
    const queue = new PlanQueue();
    const add = (campaignId: string): void => queue.add(plan(campaignId, 3, campaignId === 'v' ? {} : { tenantId: 'city', weight: 2 }));
    for (const campaignId of ['c1', 'c2', 'c3', 'c4', 'v']) add(campaignId);
    const turns = Array.from({ length: 9 }, () => {
      const next = queue.next() ?? '';
      add(next);
      return next;
    });
    expect(turns.filter((turn) => turn === 'v')).toHaveLength(3);
    expect(turns.filter((turn) => turn !== 'v')).toEqual(['c1', 'c2', 'c3', 'c4', 'c1', 'c2']);
  });

  it('a first page comes before the others of its lane, and finds a worker where these do not', () => {
    const queue = new PlanQueue();
    queue.add(plan('city', 3));
    queue.add(plan('news', 4, { first: true }));
    queue.add(plan('commune', 3, { first: true }));
    queue.add(plan('alert', 2));
    expect([queue.next(true), queue.next(true), queue.next(true)]).toEqual(['alert', 'commune', undefined]);
    expect([queue.next(), queue.next(), queue.next()]).toEqual(['city', 'news', undefined]);
  });

  it('a plan that was given up is not served, and one of an earlier release is a tenant of its own', () => {
    const queue = new PlanQueue();
    queue.add(plan('a', 3, { tenantId: '' }));
    queue.add(plan('b', 3, { tenantId: '' }));
    queue.remove('a');
    queue.remove('a');
    expect([queue.next(), queue.next()]).toEqual(['b', undefined]);
    queue.rest();
  });
});

describe('expansion', () => {
  it.each([
    ['three times the approved estimate', { estimatedRecipients: 100, previewedHash: 'h' }, false, 300],
    ['nobody beyond an estimate of nobody', { estimatedRecipients: 0, previewedHash: 'h' }, false, 0],
    ['anything when nothing was previewed', { estimatedRecipients: 0, previewedHash: '' }, false, Infinity],
    ['anything once a person accepted it', { estimatedRecipients: 100, previewedHash: 'h' }, true, Infinity],
    ['no more than one person alone may decide', { estimatedRecipients: 100, previewedHash: 'h' }, false, 150, 150],
    ['anything once a second person accepted it', { estimatedRecipients: 100, previewedHash: 'h' }, true, Infinity, 150],
    ['three times the estimate where that is less', { estimatedRecipients: 10, previewedHash: 'h' }, false, 30, 150],
  ])('may reach %s', (_why, campaign, accepted, limit, alone = Infinity) => {
    expect(expansionLimit(Campaign.fromPartial(campaign), accepted, alone)).toBe(limit);
  });
});

describe('cost of an item', () => {
  const message = (body: string) => ({ channel: 'sms', language: 'fr', subject: '', body });
  it.each([
    ['a text without variables', 'Alerte', [], 1],
    ['a variable that pushes it over one part', `${'a'.repeat(150)}{{ name }}`, [{ name: 'name', gsm7: 11, ucs2: 11 }], 2],
    ['a variable used twice', `${'a'.repeat(140)}{{ name }}{{name}}`, [{ name: 'name', gsm7: 11, ucs2: 11 }], 2],
    ['one that fits', `${'a'.repeat(140)}{{ name }}`, [{ name: 'name', gsm7: 11, ucs2: 11 }], 1],
  ])('counts %s', (_why, body, lengths, cost) => {
    expect(itemCostOf('segment', message(body))(lengths)).toBe(cost);
    expect(itemCostOf('message', message(body))(lengths)).toBe(1);
  });
});
