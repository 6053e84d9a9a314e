import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import { AddressBook } from './addresses.js';
import { layoutOf, writeFile } from './layouts.js';
import { makePeople, mixOf } from './people.js';
import { randomOf } from './random.js';
import type { Commune } from './communes.js';

const COMMUNE: Commune = {
  insee: '42218',
  name: 'Saint-Étienne',
  postcodes: ['42000'],
  kind: 'city',
  centre: { latitude: 45.4, longitude: 4.4 },
};
const make = (contacts: number, seed = 7) => makePeople(COMMUNE, mixOf(contacts), new AddressBook(seed), randomOf(seed, 'people'));

describe('the people of a file', () => {
  it('splits a city as the issue says', () => {
    expect(mixOf(150_000)).toEqual({
      smsOnly: 120_000,
      mailOnly: 20_000,
      both: 10_000,
      refused: 1_500,
      stops: 1_500,
      duplicates: 1_500,
      bad: 4_500,
    });
    expect(mixOf(20)).toMatchObject({ smsOnly: 16, mailOnly: 3, both: 1, stops: 1, bad: 1 });
  });

  it('names each address once, and only addresses a program may accept', () => {
    const { rows, reach, stops, mustNotReach } = make(2_000);
    const { smsOnly, mailOnly, both, refused, bad, duplicates, stops: stopCount } = mixOf(2_000);
    expect(rows).toHaveLength(2_000 + refused + stopCount + duplicates + bad);
    expect(reach.sms).toHaveLength(smsOnly + both);
    expect(reach.email).toHaveLength(mailOnly + both);
    const all = [...reach.sms, ...stops, ...mustNotReach.sms];
    expect(new Set(all).size).toBe(all.length);
    expect(new Set(reach.email).size).toBe(reach.email.length);
    expect(all.filter((number) => parsePhoneNumberFromString(number)?.getType() !== 'MOBILE')).toEqual([]);
    expect(reach.email.filter((mailbox) => !/^[a-z.0-9]+@[a-z.]*(example\.(org|com|net)|\.test|[a-z]+\.test)$/.test(mailbox))).toEqual([]);
  });

  it('gives the same bytes for the same seed and others for another', () => {
    const bytes = (seed: number): Buffer => writeFile(make(200, seed).rows, COMMUNE, layoutOf(0, randomOf(seed, 'layout')));
    expect(bytes(3).equals(bytes(3))).toBe(true);
    expect(bytes(3).equals(bytes(4))).toBe(false);
  });
});
