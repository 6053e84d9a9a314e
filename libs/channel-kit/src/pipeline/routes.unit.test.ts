import { afterEach, describe, expect, it } from 'vitest';
import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import type { RouteDriver, Submission, SubmitAnswer } from '../channel.js';
import { Pipeline, quiet, until } from './pipeline.fixture.test.js';

let pipeline: Pipeline;
afterEach(() => pipeline.close());

const ACCEPTED: SubmitAnswer = { kind: 'accepted', providerIds: ['7'], code: '' };
const IN_DOUBT: SubmitAnswer = { kind: 'in-doubt', code: 'BIND_LOST' };
const FAILED: SubmitAnswer = { kind: 'failed', reason: 'PROVIDER_UNAVAILABLE', code: 'ESME_RSYSERR' };

/** A further route that answers as told and writes down what it was given. */
function route(
  answer: (submission: Submission) => SubmitAnswer,
  terms: Partial<RouteDriver> = {},
): Partial<RouteDriver> & { given: Submission[] } {
  const given: Submission[] = [];
  const submit = (submission: Submission): Promise<SubmitAnswer> => {
    given.push(submission);
    return Promise.resolve(answer(submission));
  };
  return { provider: 'other', submit, given, ...terms };
}

describe('an item in doubt', () => {
  it('goes to the same provider again where it knows a key, and is no possible duplicate then', async () => {
    let answers = 0;
    const keyed = route(() => (answers++ === 0 ? IN_DOUBT : ACCEPTED), { idempotency: 'key', terms: { weight: 1_000_000 } });
    pipeline = new Pipeline(1_000, 64, [keyed]);
    await pipeline.grant(1);
    await until(() => pipeline.recorded.length === 1);
    expect(keyed.given).toHaveLength(2);
    expect(pipeline.submitted).toEqual([]);
    expect(pipeline.recorded[0]).toMatchObject({ outcome: Outcome.ACCEPTED, route: 'r2', possibleDuplicate: false, doubtResolved: true });
  });

  it('stays marked where it went to another provider in between', async () => {
    let bound = true;
    const keyed = route(
      () => {
        bound = false;
        return IN_DOUBT;
      },
      { idempotency: 'key', terms: { weight: 1_000_000 }, bound: () => bound },
    );
    pipeline = new Pipeline(1_000, 64, [keyed]);
    await pipeline.grant(1, { topic: 'delivery.granted.any.life-safety.v1' });
    await until(() => keyed.given.length === 1);
    // It waits for the provider that would know it again, though not for long.
    await quiet(300);
    expect(pipeline.submitted).toEqual([]);
    await until(() => pipeline.recorded.length === 1);
    expect(pipeline.recorded[0]).toMatchObject({ route: 'r', possibleDuplicate: true, doubtResolved: false });
  });

  it('is asked for before it is sent again where the provider can be asked', async () => {
    const asked: string[] = [];
    pipeline = new Pipeline(1_000, 64, [
      route(() => IN_DOUBT, {
        idempotency: 'query',
        terms: { weight: 1_000_000 },
        find: ({ deliveryId }) => {
          asked.push(deliveryId);
          return Promise.resolve({ kind: 'taken', providerIds: ['9'], code: 'found' });
        },
      }),
    ]);
    await pipeline.grant(1);
    await until(() => pipeline.recorded.length === 1);
    expect(asked).toHaveLength(1);
    expect(pipeline.recorded[0]).toMatchObject({ providerIds: ['9'], possibleDuplicate: false, doubtResolved: true });
  });

  it('is sent again with the mark where the provider says it has not got it, and waits where it does not say', async () => {
    const answers = [IN_DOUBT, ACCEPTED];
    const said = [{ kind: 'unknown', code: 'later' } as const, { kind: 'absent' } as const];
    const queried = route(() => answers.shift() ?? ACCEPTED, {
      idempotency: 'query',
      terms: { weight: 1_000_000 },
      find: () => Promise.resolve(said.shift() ?? { kind: 'absent' }),
    });
    pipeline = new Pipeline(1_000, 64, [queried]);
    await pipeline.grant(1);
    await until(() => pipeline.recorded.length === 1);
    expect([said, queried.given.length]).toEqual([[], 2]);
    expect(pipeline.recorded[0]).toMatchObject({ outcome: Outcome.ACCEPTED, possibleDuplicate: true, doubtResolved: false });
  });

  it('read again after a crash is resolved only where every route leads to a provider with a key', async () => {
    pipeline = new Pipeline(1_000, 64, [route(() => ACCEPTED, { idempotency: 'key', terms: { weight: 1_000_000 } })]);
    await pipeline.grant(1, { offset: 1, highWatermark: 2 });
    await until(() => pipeline.recorded.length === 1);
    expect(pipeline.recorded[0]).toMatchObject({ possibleDuplicate: true, doubtResolved: false });
    pipeline.close();
    pipeline = new Pipeline(1_000, 64, [], { idempotency: 'key' });
    await pipeline.grant(1, { offset: 1, highWatermark: 2 });
    await until(() => pipeline.recorded.length === 1);
    expect(pipeline.recorded[0]).toMatchObject({ possibleDuplicate: false, doubtResolved: true });
  });
});

describe('several routes', () => {
  it('take a retry away from the one that failed', async () => {
    const failing = route(() => FAILED, { terms: { weight: 1_000_000 } });
    pipeline = new Pipeline(1_000, 64, [failing]);
    await pipeline.grant(1);
    await until(() => pipeline.recorded.length === 1);
    expect(pipeline.recorded[0]).toMatchObject({ outcome: Outcome.FAILED, route: 'r2', retryable: true });
    await pipeline.grant(1, { n: 2 });
    await until(() => pipeline.recorded.length === 2);
    expect(pipeline.recorded[1]).toMatchObject({ n: 2, outcome: Outcome.ACCEPTED, route: 'r' });
  });

  it('leave a broken one after a few attempts: its circuit opens, what it may carry is told, and the others go on', async () => {
    const failing = route(() => FAILED);
    pipeline = new Pipeline(1_000, 4, [failing]);
    await pipeline.grant(400);
    await until(() => pipeline.recorded.length === 400);
    expect(pipeline.routes[1]?.circuit.state).toBe('open');
    expect(pipeline.routes.map((one) => one.usable())).toEqual([true, false]);
    // Ten to open it, and what was under way meanwhile.
    expect(failing.given.length).toBeLessThanOrEqual(10 + 16);
  });

  it('keep a standby out of it until the main one has no bind', async () => {
    let bound = true;
    const standby = route(() => ACCEPTED, { terms: { standby: true } });
    pipeline = new Pipeline(1_000, 64, [standby], { bound: () => bound });
    await pipeline.grant(50);
    await until(() => pipeline.recorded.length === 50);
    expect(standby.given).toEqual([]);
    bound = false;
    await pipeline.grant(50, { first: 50 });
    await until(() => pipeline.recorded.length === 100);
    expect(standby.given).toHaveLength(50);
  });
});

describe('the only route', () => {
  it('holds what it has while its provider fails everything, instead of burning it, and goes on when it takes a first one', async () => {
    pipeline = new Pipeline(1_000, 4);
    let broken = true;
    pipeline.answer = () => Promise.resolve(broken ? FAILED : ACCEPTED);
    await pipeline.grant(200);
    await until(() => pipeline.routes[0]?.circuit.state === 'open');
    await quiet(200);
    const burnt = pipeline.recorded.length;
    expect(burnt).toBeLessThanOrEqual(10 + 16);
    expect(pipeline.dispatcher.window.size).toBe(200 - burnt);
    // Nothing is expected to move meanwhile.
    expect(pipeline.dispatcher.pending()).toBe(false);
    broken = false;
    await until(() => pipeline.recorded.length === 200);
    expect(pipeline.recorded.filter(({ outcome }) => outcome === Outcome.ACCEPTED)).toHaveLength(200 - burnt);
    expect(pipeline.routes[0]?.circuit.state).toBe('closed');
  });
});
