import { describe, expect, it } from 'vitest';
import { withTenantInHeader } from './import-stream.js';

async function* of(...messages: readonly unknown[]): AsyncGenerator<unknown> {
  yield* messages;
}

const header = (tenantId: string): unknown => ({ part: { $case: 'header', value: { tenantId, fileName: 'a.csv' } } });
const chunk = { part: { $case: 'chunk', value: Buffer.from('a') } };

async function collect(messages: AsyncIterable<unknown>): Promise<unknown[]> {
  const all = [];
  for await (const message of messages) all.push(message);
  return all;
}

describe('an import on its way through the gateway', () => {
  it('its header says the tenant, its chunks are untouched', async () => {
    const out = await collect(withTenantInHeader(of(header(''), chunk, chunk), () => 'ten_A'));
    expect(out[0]).toEqual(header('ten_A'));
    expect(out[1]).toBe(chunk);
    expect(out).toHaveLength(3);
  });

  it.each([
    ['nothing at all', of()],
    ['chunks without a header', of(chunk)],
    ['a second header, which could name another tenant', of(header(''), header('ten_B'))],
    ['a message without a part', of({ part: undefined })],
  ])('%s is refused', async (_label, messages) => {
    await expect(collect(withTenantInHeader(messages, () => 'ten_A'))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('takes a message only when the owner asks for one', async () => {
    let taken = 0;
    async function* counted(): AsyncGenerator<unknown> {
      yield header('');
      for (;;) {
        taken += 1;
        yield chunk;
      }
    }
    const out = withTenantInHeader(counted(), () => 'ten_A');
    for (let at = 0; at < 5; at += 1) await out.next();
    expect(taken).toBe(4);
    await out.return();
  });
});
