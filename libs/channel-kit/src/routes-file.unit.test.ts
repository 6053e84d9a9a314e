import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROUTE_FIELDS, routeTerms, routesFile } from './routes-file.js';

const setting = routesFile(z.strictObject({ ...ROUTE_FIELDS, host: z.string() }));
const folder = mkdtempSync(join(tmpdir(), 'tocsin-routes-'));

function read(content: unknown): { readonly routes?: unknown; readonly fault?: string } {
  const path = join(folder, 'routes.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  const result = setting.schema.safeParse(path);
  return result.success ? { routes: result.data } : { fault: JSON.stringify(result.error.issues) };
}

describe('a routes file', () => {
  it('lists routes, and is not needed for one', () => {
    const routes = [
      { id: 'orange', host: 'a', weight: 3 },
      { id: 'sfr', host: 'b', standby: true, slow_ms: 800, idempotency: 'key' },
    ];
    expect(read(routes)).toEqual({ routes });
    expect(setting.schema.parse(undefined)).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ['is not JSON', '[', 'is not JSON'],
    ['is empty', [], 'the list'],
    [
      'names a route twice',
      [
        { id: 'a', host: 'x' },
        { id: 'a', host: 'y' },
      ],
      'two routes are called',
    ],
    ['has only standbys', [{ id: 'a', host: 'x', standby: true }], 'every route is a standby'],
    ['misspells a field', [{ id: 'a', host: 'x', wieght: 3 }], 'wieght'],
    ['forgets what a provider needs', [{ id: 'a' }], '0.host'],
    ['has a name no metric can carry', [{ id: 'Orange France', host: 'x' }], '0.id'],
    ['has too many', Array.from({ length: 9 }, (_, at) => ({ id: `r${at}`, host: 'x' })), 'the list'],
  ])('that %s is refused before anything starts', (_says, content, words) => {
    expect(read(content).fault).toContain(words);
  });

  it('that is not there is named', () => {
    const result = setting.schema.safeParse(join(folder, 'nowhere.json'));
    expect(JSON.stringify(result.error?.issues)).toContain('cannot be read');
  });

  it('leaves to the settings of the channel what its routes do not say', () => {
    const shared = { testAddress: '+33639980000', slowMs: 2_000, idempotency: 'key' } as const;
    expect(routeTerms(shared)).toEqual({ terms: { slowMs: 2_000, testAddress: '+33639980000' }, idempotency: 'key' });
    const entry = { id: 'a', weight: 2, slow_ms: 500, test_address: '+33639980009', idempotency: 'none' } as const;
    expect(routeTerms(shared, entry)).toEqual({ terms: { slowMs: 500, weight: 2, testAddress: '+33639980009' }, idempotency: 'none' });
  });
});
