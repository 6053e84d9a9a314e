import { describe, expect, it } from 'vitest';
import { POLICY } from '../policy.js';
import { CopiesGuard } from './copies-guard.js';
import { copiesState } from './copies-state.js';

const partition = (leader: number, copies: number, inSync: number) => ({ topic: 't', partition: 0, leader, copies, inSync });
const whole = partition(1, 3, 3);

describe('what copies of the records are', () => {
  it.each([
    ['whole where all are in sync', [whole, whole], 'whole'],
    ['thin where one of three is missing', [whole, partition(1, 3, 2)], 'thin'],
    ['short where an acknowledgement needs more than there are', [whole, partition(1, 3, 1)], 'short'],
    ['short where nobody leads', [whole, partition(-1, 3, 2)], 'short'],
    ['whole with one copy by design', [partition(1, 1, 1)], 'whole'],
    ['short with one copy by design that nobody leads', [partition(-1, 1, 1)], 'short'],
  ] as const)('%s', (_says, partitions, state) => {
    expect(copiesState(partitions).state).toBe(state);
  });
});

describe('what is taken on', () => {
  const imports = { begins: 'bulk' } as const;
  const release = { begins: 'hand-overs' } as const;
  const read = { begins: 'nothing' } as const;
  const refused = (
    guard: CopiesGuard,
    row: { begins: 'bulk' | 'hand-overs' | 'nothing' },
    standing: 'ordinary' | 'life-safety' | 'unknown',
    now: number,
  ) => {
    try {
      guard.admit(row, standing, now);
      return false;
    } catch (error) {
      expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'TOO_FEW_COPIES', retryAfterMs: 30_000 });
      return true;
    }
  };

  it('is everything while a copy has been missing for less than two minutes, then everything but imports', () => {
    const guard = new CopiesGuard();
    guard.saw(copiesState([partition(1, 3, 2)]), 0);
    expect(refused(guard, imports, 'ordinary', 119_999)).toBe(false);
    expect(refused(guard, imports, 'ordinary', 120_000)).toBe(true);
    expect(refused(guard, release, 'ordinary', 500_000)).toBe(false);
  });

  it('is life safety and what ends or reads once nothing could be acknowledged for 15 s', () => {
    const guard = new CopiesGuard();
    guard.saw(copiesState([partition(1, 3, 1)]), 0);
    expect(refused(guard, release, 'ordinary', 14_999)).toBe(false);
    expect(refused(guard, release, 'ordinary', 15_000)).toBe(true);
    expect(refused(guard, release, 'life-safety', 15_000)).toBe(false);
    expect(refused(guard, release, 'unknown', 15_000)).toBe(false);
    expect(refused(guard, read, 'ordinary', 15_000)).toBe(false);
    expect(refused(guard, imports, 'life-safety', 15_000)).toBe(true);
  });

  it('is the same when the cluster does not answer at all', () => {
    const guard = new CopiesGuard();
    guard.sawNothing(0);
    guard.sawNothing(10_000);
    expect(refused(guard, release, 'ordinary', 15_000)).toBe(true);
  });

  it('is everything again with the first look that finds all copies', () => {
    const guard = new CopiesGuard();
    guard.saw(copiesState([partition(1, 3, 1)]), 0);
    guard.saw(copiesState([whole]), 60_000);
    expect(refused(guard, imports, 'ordinary', 60_000)).toBe(false);
  });

  it('begins with three calls and no other', () => {
    const beginning = Object.entries(POLICY).filter(([, row]) => row.begins !== 'nothing');
    expect(beginning.map(([rpc, row]) => [rpc.split('/')[1], row.begins])).toEqual([
      ['ImportRegister', 'bulk'],
      ['ReleaseCampaign', 'hand-overs'],
      ['ResumeCampaign', 'hand-overs'],
    ]);
  });
});
