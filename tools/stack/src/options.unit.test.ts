import { describe, expect, it } from 'vitest';
import { readOptions } from './options.js';

describe('options of the stack', () => {
  it('a restore needs the key of its backup', () => {
    expect(readOptions(['--stack', '--restore', 'b', '--key', 'k'])).toMatchObject({ command: 'stack', restore: { from: 'b', key: 'k' } });
    expect(readOptions(['--stack']).restore).toBeUndefined();
    expect(() => readOptions(['--stack', '--restore', 'b'])).toThrow('go together');
  });
});
