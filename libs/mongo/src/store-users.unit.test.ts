import { describe, expect, it } from 'vitest';
import { userCommand } from './store-users.js';

describe('the command for a user of MongoDB', () => {
  const spec = { user: 'routing', password: 'p', database: 'tocsin_routing' };
  it.each([
    [false, 'createUser'],
    [true, 'updateUser'],
  ])('there already: %s -> %s, with its own database only', (exists, command) => {
    expect(userCommand(spec, exists)).toEqual({
      [command]: 'routing',
      pwd: 'p',
      roles: [{ role: 'readWrite', db: 'tocsin_routing' }],
      mechanisms: ['SCRAM-SHA-256'],
    });
  });
});
