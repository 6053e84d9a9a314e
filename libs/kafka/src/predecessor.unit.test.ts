import { describe, expect, it } from 'vitest';
import { isPredecessor } from './predecessor.js';

describe('isPredecessor', () => {
  const own = 'routing-7427-0a1b2c@site-a-1';
  it.each([
    ['an earlier start of the same instance', 'routing-7427-ffffff@site-a-1', true],
    ['this process', own, false],
    ['the second instance', 'routing-7477-ffffff@site-a-1', false],
    ['another machine', 'routing-7427-ffffff@site-b-1', false],
    ['another service', 'deliveries-7427-ffffff@site-a-1', false],
    ['an instance without a port of its own', 'routing-p4711-ffffff@site-a-1', false],
    ['another client', 'kafka-console', false],
  ])('%s', (_what, other, expected) => {
    expect(isPredecessor(own, other)).toBe(expected);
  });

  it('holds for no instance that is not named by a port, nor on a machine without a name', () => {
    expect(isPredecessor('routing-p1-0a1b2c@a', 'routing-p1-ffffff@a')).toBe(false);
    expect(isPredecessor('routing-7427-0a1b2c@localhost', 'routing-7427-ffffff@localhost')).toBe(false);
  });
});
