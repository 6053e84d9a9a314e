import { describe, expect, it } from 'vitest';
import type { Suppression } from '@tocsin/contracts/subscribers/v1/registers_service';
import { decide, type Wish } from './decide.js';

const stop = (at: number, ...purposes: string[]): Wish => ({
  tenantId: 'ten',
  channel: 'sms',
  addressHash: Buffer.alloc(16),
  stop: purposes,
  source: 'sms-stop',
  at,
});
const start = (at: number): Wish => ({ ...stop(at), stop: [], source: 'sms-start' });

const ROWS: readonly { says: string; wishes: readonly Wish[]; purposes: readonly string[] }[] = [
  { says: 'a STOP holds', wishes: [stop(1, '*')], purposes: ['*'] },
  { says: 'a STOP told twice is one', wishes: [stop(1, '*'), stop(1, '*')], purposes: ['*'] },
  { says: 'START lifts', wishes: [stop(1, '*'), start(2)], purposes: [] },
  { says: 'a STOP told again after its START stays lifted', wishes: [stop(1, '*'), start(2), stop(1, '*')], purposes: [] },
  { says: 'an old START does not lift a new STOP', wishes: [stop(3, '*'), start(2)], purposes: ['*'] },
  { says: 'a new STOP after START holds', wishes: [stop(1, '*'), start(2), stop(3, '*')], purposes: ['*'] },
  { says: 'purposes add up', wishes: [stop(1, 'news'), stop(2, 'alert')], purposes: ['alert', 'news'] },
  {
    says: 'a late STOP of everything is not lost behind a younger one of one purpose',
    wishes: [stop(2, 'news'), stop(1, '*')],
    purposes: ['*'],
  },
];

describe('what stands after a wish', () => {
  it.each(ROWS)('$says', ({ wishes, purposes }) => {
    let standing: Suppression | undefined;
    for (const wish of wishes) standing = decide(standing, wish);
    expect(standing?.purposes).toEqual(purposes);
  });
});
