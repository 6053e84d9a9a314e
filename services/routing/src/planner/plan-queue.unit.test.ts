import { describe, expect, it } from 'vitest';
import { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import { expansionLimit } from './expansion-guard.js';
import { PlanQueue } from './plan-queue.js';
import { itemCostOf } from './template-cost.js';

describe('plans in work', () => {
  it('are served by lane, then one page each in turn', () => {
    const queue = new PlanQueue();
    queue.add('city', 3);
    queue.add('commune', 3);
    queue.add('bulk', 4);
    const turns: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      if (turn === 2) queue.add('flood', 1);
      const plan = queue.next();
      if (plan === undefined) break;
      turns.push(plan);
      if (plan !== 'flood') queue.add(plan, 3);
    }
    expect(turns).toEqual(['city', 'commune', 'flood', 'city', 'commune', 'city']);
  });

  it('wait once, however often they are added', () => {
    const queue = new PlanQueue();
    queue.add('a', 1);
    queue.add('a', 1);
    expect([queue.next(), queue.next()]).toEqual(['a', undefined]);
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
