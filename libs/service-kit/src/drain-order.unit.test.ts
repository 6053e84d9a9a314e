import { describe, expect, it } from 'vitest';
import { createLogger } from '@tocsin/observability';
import { DrainOrder } from './drain-order.js';

const quiet = createLogger({ service: 'x', instanceId: 'x', level: 'error', write: () => undefined });
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('DrainOrder', () => {
  it('runs the stages in their order, whatever the order of registration', async () => {
    const drain = new DrainOrder(quiet);
    const done: string[] = [];
    const note = (name: string, ms: number) => async () => {
      await wait(ms);
      done.push(name);
    };
    drain.on('close', 'd', note('close', 0));
    drain.on('commit', 'c', note('commit', 0));
    drain.on('finish', 'b', note('finish slow', 20));
    drain.on('finish', 'b2', note('finish fast', 0));
    drain.on('stop-intake', 'a', note('stop', 10));
    expect(await drain.run(1_000)).toEqual([]);
    expect(done).toEqual(['stop', 'finish fast', 'finish slow', 'commit', 'close']);
  });

  it('goes on after a step that throws or is late, names both and keeps the total deadline', async () => {
    const drain = new DrainOrder(quiet);
    let closed = false;
    let given = -1;
    drain.on('finish', 'hangs', () => new Promise(() => undefined));
    drain.on('stop-intake', 'throws', () => Promise.reject(new Error('x')));
    drain.on('close', 'closes', async (deadline) => {
      given = deadline;
      closed = true;
    });
    const start = performance.now();
    expect(await drain.run(100)).toEqual(['throws', 'hangs']);
    // What hangs does so for good: any end proves the deadline, on a machine that does much else too.
    expect(performance.now() - start).toBeLessThan(5_000);
    expect({ closed, left: given < 20 }).toEqual({ closed: true, left: true });
  });
});
