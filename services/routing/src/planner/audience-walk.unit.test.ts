import { describe, expect, it } from 'vitest';
import { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import type { WalkAudienceRequest } from '@tocsin/contracts/subscribers/v1/audience';
import type { GrpcChannel } from '@tocsin/grpc';
import { AudienceWalk } from './audience-walk.js';

const PAGES = 5;

/** A register of five pages, what was asked of it, and a clock moved by hand. */
function world() {
  const asked: string[] = [];
  const cancelled: AbortSignal[] = [];
  const client = {
    async *walkAudience({ afterPosition }: WalkAudienceRequest, { signal }: { signal: AbortSignal }) {
      asked.push(afterPosition);
      cancelled.push(signal);
      const first = afterPosition === '' ? 0 : Number(afterPosition) + 1;
      for (let page = first; page < PAGES; page++) yield Promise.resolve({ position: String(page), last: page === PAGES - 1 });
    },
  };
  const clock = { at: 0, now: () => 0, monotonic: () => clock.at };
  const walk = new AudienceWalk({ client: () => client } as unknown as GrpcChannel, Campaign.fromPartial({}), [], '', clock);
  return { walk, clock, asked, cancelled };
}

describe('a walk of an audience', () => {
  it('reads every page once from one stream', async () => {
    const { walk, asked } = world();
    walk.begin();
    const read: (string | undefined)[] = [];
    for (let page = 0; page <= PAGES; page++) read.push((await walk.next())?.position);
    expect(read).toEqual(['0', '1', '2', '3', '4', undefined]);
    expect(asked).toEqual(['']);
  });

  it('goes on behind the last page in another stream where its own has grown old', async () => {
    const { walk, clock, asked, cancelled } = world();
    expect((await walk.next())?.position).toBe('0');
    clock.at = 89_999;
    expect((await walk.next())?.position).toBe('1');
    clock.at = 90_000;
    expect((await walk.next())?.position).toBe('2');
    clock.at = 180_000;
    expect((await walk.next())?.position).toBe('3');
    expect(asked).toEqual(['', '1', '2']);
    expect(cancelled.map(({ aborted }) => aborted)).toEqual([true, true, false]);
  });

  it('still takes the page it asked for early', async () => {
    const { walk, clock, asked } = world();
    walk.begin();
    clock.at = 100_000;
    expect((await walk.next())?.position).toBe('0');
    expect((await walk.next())?.position).toBe('1');
    expect(asked).toEqual(['', '0']);
  });
});
