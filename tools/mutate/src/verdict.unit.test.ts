import { describe, expect, it } from 'vitest';
import type { Mutation } from './mutation.js';
import type { Ran } from './run-row.js';
import { baselineOf, verdictOn } from './verdict.js';

const mutation: Mutation = {
  name: 'a-mutant',
  breaks: ['G1'],
  says: 'Something is wrong.',
  edits: [],
  red: { test: 'a.unit.test.ts', row: 'nobody is lost', because: 'expected 9 to be 10' },
};
const ran = (passed: boolean, said = '', title = 'a send nobody is lost'): Ran => ({ rows: [{ title, passed, said }], broken: '' });

describe('what is said of a mutated build', () => {
  it.each([
    { says: 'its row failed for its reason', given: ran(false, 'AssertionError: expected 9 to be 10'), outcome: 'red' },
    { says: 'its row passed', given: ran(true), outcome: 'green' },
    { says: 'its row crashed', given: ran(false, 'TypeError: x is not a function'), outcome: 'wrong-reason' },
    { says: 'another row failed', given: ran(false, 'expected 9 to be 10', 'a send is fast'), outcome: 'wrong-reason' },
    { says: 'nothing ran', given: { rows: [], broken: 'SyntaxError' }, outcome: 'wrong-reason' },
  ])('$outcome when $says', ({ given, outcome }) => {
    expect(verdictOn(mutation, given).outcome).toBe(outcome);
  });

  it.each([
    { says: 'passes', given: ran(true), outcome: undefined },
    { says: 'fails', given: ran(false, 'expected 9 to be 10'), outcome: 'unusable' },
    { says: 'does not exist', given: { rows: [], broken: '' }, outcome: 'unusable' },
  ])('a row that $says without the mutation', ({ given, outcome }) => {
    expect(baselineOf(mutation, given)?.outcome).toBe(outcome);
  });
});
