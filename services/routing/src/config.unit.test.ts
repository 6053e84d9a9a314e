import { describe, expect, it } from 'vitest';
import { requirePolicy } from './config.js';

describe('the policy of routing', () => {
  it('is fair in production and nothing else', () => {
    expect(() => requirePolicy('fifo', 'production')).toThrow('production takes fair only');
    expect(() => requirePolicy('fair', 'production')).not.toThrow();
  });

  it('may be first in, first out where it is measured', () => {
    expect(() => requirePolicy('fifo', 'development')).not.toThrow();
  });
});
