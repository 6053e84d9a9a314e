import { describe, expect, it } from 'vitest';
import { CallSlots } from './call-slots.js';

describe('places for calls', () => {
  it('one key cannot take the places of another, and says when to come back', () => {
    const slots = new CallSlots(2, 10);
    slots.take('a');
    const release = slots.take('a');
    expect(() => slots.take('a')).toThrow(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED', reason: 'KEY_BUSY', retryAfterMs: 200 }) as Error,
    );
    expect(() => slots.take('b')).not.toThrow();
    release();
    expect(() => slots.take('a')).not.toThrow();
  });

  it('all keys together have a limit too', () => {
    const slots = new CallSlots(2, 3);
    for (const holder of ['a', 'b', 'c']) slots.take(holder);
    expect(() => slots.take('d')).toThrow(expect.objectContaining({ reason: 'GATEWAY_BUSY' }) as Error);
  });

  it('a place is given back once, however often it is released', () => {
    const slots = new CallSlots(2, 2);
    const release = slots.take('a');
    slots.take('b');
    release();
    release();
    expect(slots.running()).toBe(1);
  });
});
