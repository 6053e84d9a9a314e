import { describe, expect, it } from 'vitest';
import { readingOrder } from './reading-order.js';

describe('the order in which a database is read', () => {
  it.each([
    ['routing', ['slices', 'plans_open', 'plans', 'epochs', 'checkpoints'], ['plans', 'epochs', 'slices'], ['plans_open']],
    [
      'subscribers',
      ['registers', 'buckets', 'pages', 'imports_markers', 'imports'],
      ['imports', 'pages', 'buckets', 'imports_markers', 'registers'],
      [],
    ],
    [
      'campaigns',
      ['lists', 'campaigns_markers', 'campaigns', 'schedule', 'tallies'],
      ['campaigns', 'tallies', 'campaigns_markers', 'lists'],
      ['schedule'],
    ],
    ['tenants', ['audit', 'lists_heads', 'audit_heads', 'something_new'], ['audit_heads', 'audit', 'something_new', 'lists_heads'], []],
  ] as const)('%s', (database, collections, once, twice) => {
    expect(readingOrder(database, collections)).toEqual({ once, twice });
  });
});
