import { describe, expect, it } from 'vitest';
import { DeliveryState } from '@tocsin/contracts/deliveries/v1/reports_service';
import { clean } from './clean.js';
import { LANGUAGES, count, wordFor, wordsIn } from './catalogue.js';
import { table } from './table.js';

describe('what is shown', () => {
  it('aligns columns, numbers to the right, and leaves out empty ones', () => {
    const rows = [
      ['a', 5, ''],
      ['bbb', 1234, ''],
    ];
    expect(table(['id', 'n', 'note'], rows)).toEqual(['id   n', 'a       5', 'bbb  1234']);
    expect(table(['id'], [])).toEqual([]);
  });

  it('a text from a register cannot steer the terminal', () => {
    expect(clean('Zoé\u001b[2J\u0007 \u202eabc')).toBe('Zoé[2J abc');
  });

  it('every state has words in every language, an unknown code stays a code', () => {
    for (const language of LANGUAGES) {
      for (const state of ['DRAFT', 'SCHEDULED', 'RUNNING', 'PAUSED', 'STOPPED', 'FINISHED', 'EXPIRED']) {
        expect(wordFor(wordsIn(language), 'state', state)).not.toBe(state);
      }
      for (const state of Object.keys(DeliveryState).filter((name) => /^[A-Z_]+$/.test(name) && !/^UN(SPECIFIED|RECOGNIZED)$/.test(name))) {
        expect(wordFor(wordsIn(language), 'delivery', state)).not.toBe(state);
      }
      expect(wordFor(wordsIn(language), 'reason', 'SOMETHING_NEW')).toBe('SOMETHING_NEW');
    }
    expect(count(wordsIn('fr'), 150_000)).toMatch(/^150\s000$/);
  });
});
