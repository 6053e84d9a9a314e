import { describe, expect, it } from 'vitest';
import { MAX_NUMBERS, registerCsv } from './register-csv.js';

const numbersOf = (first: number, contacts: number): string[] =>
  [...registerCsv(first, contacts)]
    .join('')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((row) => row.split(';')[2] ?? '');

describe('the register of a measured tenant', () => {
  it('has a row a contact, each with a mobile nobody else has', () => {
    const numbers = [...numbersOf(0, 2_500), ...numbersOf(2_500, 20)];
    expect(new Set(numbers).size).toBe(2_520);
    expect(numbers.every((number) => /^\+3379\d{7}$/.test(number))).toBe(true);
  });

  it('refuses to reach beyond the block of numbers', () => {
    expect(() => numbersOf(MAX_NUMBERS - 1, 2)).toThrow(RangeError);
  });
});
