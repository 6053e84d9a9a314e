import { describe, expect, it } from 'vitest';
import { CallSlots } from './call-slots.js';

describe('places for what nobody in particular asks for', () => {
  it('have a limit, and a refusal blames no key and says when to come back', () => {
    const slots = new CallSlots(2);
    slots.take();
    const release = slots.take();
    expect(() => slots.take()).toThrow(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED', reason: 'GATEWAY_BUSY', retryAfterMs: 200 }) as Error,
    );
    release();
    expect(() => slots.take()).not.toThrow();
  });

  it('are given back once, however often they are released', () => {
    const slots = new CallSlots(2);
    const release = slots.take();
    slots.take();
    release();
    release();
    expect(slots.running()).toBe(1);
  });
});
