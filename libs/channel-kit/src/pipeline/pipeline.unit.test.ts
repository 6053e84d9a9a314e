import { afterEach, describe, expect, it } from 'vitest';
import { StopKind } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import type { SubmitAnswer } from '../channel.js';
import { CAMPAIGN } from './held-item.fixture.test.js';
import { IN_DOUBT_CAP_PER_SHARE } from './in-doubt.js';
import { HELD_HIGH } from './intake.js';
import { GRANTED, Pipeline, quiet, until } from './pipeline.fixture.test.js';

let pipeline: Pipeline;
afterEach(() => pipeline.close());

const outcomes = (): Outcome[] => pipeline.recorded.map((attempt) => attempt.outcome);

describe('pipeline', () => {
  it('ends every item in an attempt and lets its record be committed then', async () => {
    pipeline = new Pipeline();
    const offset = await pipeline.grant(10);
    await until(() => pipeline.recorded.length === 10);
    await until(() => pipeline.inDoubt.total === 0);
    expect(pipeline.committable()).toBe(offset + 1);
    expect(pipeline.recorded.every((attempt) => attempt.outcome === Outcome.ACCEPTED && !attempt.possibleDuplicate)).toBe(true);
  });

  it('commits nothing before Kafka has the attempts, and submits no more than the in-doubt cap allows', async () => {
    pipeline = new Pipeline();
    pipeline.acknowledging = false;
    await pipeline.grant(200);
    await quiet(150);
    expect(pipeline.submitted).toHaveLength(IN_DOUBT_CAP_PER_SHARE);
    expect(pipeline.inDoubt.total).toBe(IN_DOUBT_CAP_PER_SHARE);
    expect(pipeline.committable()).toBeUndefined();
    pipeline.release();
    await until(() => pipeline.recorded.length === 200);
    expect(new Set(pipeline.submitted.map((one) => one.deliveryId)).size).toBe(200);
  });

  it.each<[string, SubmitAnswer, boolean]>([
    ['throttled: the item stays held and nothing is marked', { kind: 'throttled', code: '' }, false],
    ['not submitted: the item stays held and nothing is marked', { kind: 'not-submitted', code: '' }, false],
    ['in doubt: submitted again and marked', { kind: 'in-doubt', code: '' }, true],
  ])('%s', async (_label, first, marked) => {
    pipeline = new Pipeline();
    let answers = 0;
    pipeline.answer = () => Promise.resolve(answers++ === 0 ? first : { kind: 'accepted', providerIds: [], code: '' });
    await pipeline.grant(1);
    await until(() => pipeline.recorded.length === 1);
    expect(pipeline.submitted.map((one) => one.n)).toEqual([1, 1]);
    expect(pipeline.recorded[0]).toMatchObject({ outcome: Outcome.ACCEPTED, n: 1, possibleDuplicate: marked });
    await until(() => pipeline.inDoubt.total === 0);
  });

  it('submits again what is in doubt when nothing else may be submitted for it, and behind what is more urgent', async () => {
    pipeline = new Pipeline();
    const silent: ((answer: SubmitAnswer) => void)[] = [];
    pipeline.answer = () => new Promise((resolve) => silent.push(resolve));
    await pipeline.grant(IN_DOUBT_CAP_PER_SHARE);
    await until(() => silent.length === IN_DOUBT_CAP_PER_SHARE);
    await pipeline.grant(1, { first: 100, topic: 'delivery.granted.any.life-safety.v1' });
    pipeline.answer = () => Promise.resolve({ kind: 'accepted', providerIds: [], code: '' });
    for (const answer of silent.splice(0)) answer({ kind: 'in-doubt', code: 'BIND_LOST' });
    await until(() => pipeline.recorded.length === IN_DOUBT_CAP_PER_SHARE + 1);
    await until(() => pipeline.inDoubt.total === 0);
  });

  it('counts a message in doubt of which parts were taken before the provider said to slow down', async () => {
    pipeline = new Pipeline(100_000, 1);
    const answers: ((answer: SubmitAnswer) => void)[] = [];
    pipeline.answer = () => new Promise((resolve) => answers.push(resolve));
    await pipeline.grant(1);
    await until(() => answers.length === 1);
    answers.shift()?.({ kind: 'throttled', code: '', partly: true });
    await until(() => pipeline.dispatcher.window.size === 1);
    expect(pipeline.inDoubt.total).toBe(1);
    await until(() => answers.length === 1);
    answers.shift()?.({ kind: 'accepted', providerIds: [], code: '' });
    await until(() => pipeline.inDoubt.total === 0);
    expect(pipeline.recorded).toMatchObject([{ outcome: Outcome.ACCEPTED, possibleDuplicate: false }]);
  });

  it('lets one address for which the provider always says "slow down" fail for now, instead of holding up everybody behind it', async () => {
    pipeline = new Pipeline();
    const index = (deliveryId: string): string => deliveryId.split('.')[2] ?? '';
    pipeline.answer = ({ deliveryId }) =>
      Promise.resolve(
        index(deliveryId) === '3' ? { kind: 'throttled', code: 'ESME_RMSGQFUL' } : { kind: 'accepted', providerIds: [], code: '' },
      );
    await pipeline.grant(200);
    await until(() => pipeline.recorded.length === 200);
    const failed = pipeline.recorded.filter((attempt) => attempt.outcome === Outcome.FAILED);
    expect(failed).toMatchObject([{ index: 3, reason: 'PROVIDER_BUSY', retryable: true, providerCode: 'ESME_RMSGQFUL' }]);
    await until(() => pipeline.inDoubt.total === 0);
  });

  it('holds what is throttled, however often, while the provider takes nothing at all', async () => {
    pipeline = new Pipeline();
    pipeline.answer = () => Promise.resolve({ kind: 'throttled', code: '' });
    await pipeline.grant(3);
    await until(() => pipeline.submitted.length > 15);
    expect(pipeline.recorded).toEqual([]);
    expect(pipeline.dispatcher.unsettled.size).toBe(3);
  });

  it('says of what was stopped while in doubt that it may have been handed over', async () => {
    pipeline = new Pipeline();
    pipeline.answer = () => {
      pipeline.knowledge.stops.apply({ campaignId: CAMPAIGN, kind: StopKind.CANCELLED, lane: 0, at: 0 });
      return Promise.resolve({ kind: 'in-doubt', code: 'BIND_LOST' });
    };
    await pipeline.grant(1);
    await until(() => pipeline.recorded.length === 1);
    expect(pipeline.recorded[0]).toMatchObject({ outcome: Outcome.CANCELLED, possibleDuplicate: true });
    expect(pipeline.recorded[0]?.submittedAt).toBeGreaterThan(0);
  });

  it('gives up on an item the provider never answers: timed out, to be retried as the next attempt', async () => {
    pipeline = new Pipeline();
    pipeline.answer = () => Promise.resolve({ kind: 'in-doubt', code: 'NO_ANSWER' });
    await pipeline.grant(1);
    await until(() => pipeline.recorded.length === 1);
    expect(pipeline.recorded[0]).toMatchObject({ outcome: Outcome.FAILED, reason: 'TIMED_OUT', retryable: true, possibleDuplicate: true });
    expect(pipeline.submitted).toHaveLength(3);
  });

  it('lets poison fail alone, with a dead letter', async () => {
    pipeline = new Pipeline();
    await pipeline.grant(3, { broken: 1 });
    await pipeline.grant(1, { first: 3, body: '{{ nobody_knows }}' });
    await until(() => pipeline.recorded.length === 4);
    expect(
      pipeline.recorded.filter((attempt) => attempt.outcome === Outcome.FAILED).map((attempt) => [attempt.index, attempt.reason]),
    ).toEqual(
      expect.arrayContaining([
        [1, 'SEAL_BROKEN'],
        [3, 'RENDER_FAILED'],
      ]),
    );
    expect(pipeline.deadLetters).toHaveLength(2);
    expect(pipeline.submitted).toHaveLength(2);
  });

  it('reads many campaigns out of one record, and lets the one whose frame is damaged fail alone', async () => {
    pipeline = new Pipeline();
    const campaigns = Array.from({ length: 30 }, (_, at) => `cmp_${String(at).padStart(26, '0')}`);
    const offset = await pipeline.grantMany(campaigns, 7);
    await until(() => pipeline.recorded.length === 29);
    expect(pipeline.submitted.map(({ campaignId }) => campaignId)).toEqual(campaigns.filter((_, at) => at !== 7));
    await quiet(20);
    expect(pipeline.committable()).toBeUndefined();
    expect(pipeline.letters.map(({ reason }) => reason)).toEqual(['HANDLER_FAILED']);
    pipeline.letters[0]?.written();
    await quiet(20);
    expect(pipeline.committable()).toBe(offset + 1);
  });

  it('puts a record that is no grant aside, and lets it be committed only once its dead letter is written', async () => {
    pipeline = new Pipeline();
    await pipeline.grant(1);
    const offset = await pipeline.poison();
    const last = await pipeline.grant(1, { first: 1 });
    await until(() => pipeline.recorded.length === 2);
    await until(() => pipeline.inDoubt.total === 0);
    expect(pipeline.letters.map(({ reason }) => reason)).toEqual(['UNKNOWN_TYPE']);
    expect(pipeline.committable()).toBe(offset);
    pipeline.letters[0]?.written();
    await quiet(0);
    expect(pipeline.committable()).toBe(last + 1);
  });

  it('submits nothing without a lease, and goes on when it is back', async () => {
    pipeline = new Pipeline();
    pipeline.lease = false;
    await pipeline.grant(2);
    await quiet(100);
    expect(pipeline.submitted).toEqual([]);
    pipeline.lease = true;
    await until(() => pipeline.recorded.length === 2);
  });

  it('submits once what is granted twice, and both records wait for it', async () => {
    pipeline = new Pipeline();
    pipeline.acknowledging = false;
    await pipeline.grant(1);
    await until(() => pipeline.submitted.length === 1);
    const second = await pipeline.grant(1);
    await quiet(50);
    expect(pipeline.committable()).toBeUndefined();
    pipeline.release();
    await until(() => pipeline.inDoubt.total === 0);
    const third = await pipeline.grant(1);
    expect(pipeline.committable()).toBe(third + 1);
    expect(third).toBe(second + 1);
    expect(pipeline.submitted).toHaveLength(1);
  });

  it('after a crash skips what has an attempt and marks the rest as possible duplicates', async () => {
    pipeline = new Pipeline();
    pipeline.knowledge.attempts.record(`${CAMPAIGN}:0`, 0, 1);
    await pipeline.grant(2, { offset: 7, highWatermark: 8 });
    await until(() => pipeline.recorded.length === 1);
    expect(pipeline.recorded[0]).toMatchObject({ index: 1, possibleDuplicate: true });
    await pipeline.grant(1, { offset: 8, first: 2, highWatermark: 9 });
    await until(() => pipeline.recorded.length === 2);
    expect(pipeline.recorded[1]).toMatchObject({ index: 2, possibleDuplicate: false });
  });

  it('drops what a replaced scheduler granted behind the fence', async () => {
    pipeline = new Pipeline();
    await pipeline.grant(1, { epoch: 2 });
    const late = await pipeline.grant(1, { first: 1, epoch: 1 });
    await until(() => pipeline.recorded.length === 1);
    await until(() => pipeline.inDoubt.total === 0);
    expect(pipeline.committable()).toBe(late + 1);
    expect(pipeline.submitted).toHaveLength(1);
  });

  it('gives held items of a paused campaign back, and takes the same n again after the resume', async () => {
    pipeline = new Pipeline(0.001);
    await pipeline.grant(3);
    await until(() => pipeline.submitted.length === 1);
    const stop = { campaignId: CAMPAIGN, lane: 0, at: 0 };
    pipeline.knowledge.stops.apply({ ...stop, kind: StopKind.PAUSED });
    pipeline.dispatcher.sweep(() => true);
    await until(() => pipeline.recorded.length === 3);
    expect(outcomes().filter((outcome) => outcome === Outcome.RETURNED)).toHaveLength(2);
    pipeline.knowledge.stops.apply({ ...stop, kind: StopKind.RESUMED });
    await pipeline.grant(3);
    expect(pipeline.dispatcher.window.size).toBe(2);
    pipeline.knowledge.stops.apply({ ...stop, kind: StopKind.CANCELLED });
    pipeline.dispatcher.sweep(() => true);
    await until(() => pipeline.recorded.length === 5);
    expect(outcomes().filter((outcome) => outcome === Outcome.CANCELLED)).toHaveLength(2);
  });

  it('pauses standard lanes when enough is held, never urgent ones, and resumes', async () => {
    pipeline = new Pipeline(0.001);
    for (let first = 0; first < HELD_HIGH; first += 250) await pipeline.grant(250, { first, share: 1 });
    await pipeline.grant(10, { first: HELD_HIGH, share: 1 });
    expect(pipeline.paused).toEqual([GRANTED]);
    pipeline.knowledge.stops.apply({ campaignId: CAMPAIGN, kind: StopKind.CANCELLED, lane: 0, at: 0 });
    pipeline.dispatcher.sweep(() => true);
    pipeline.intake.relax();
    expect(pipeline.paused).toEqual([]);
  });

  it('reads on after a join that leaves it the partitions it had paused', async () => {
    pipeline = new Pipeline(0.001);
    for (let first = 0; first < HELD_HIGH; first += 250) await pipeline.grant(250, { first, share: 1 });
    expect(pipeline.paused).toEqual([GRANTED]);
    pipeline.intake.assigned([{ topic: GRANTED, partition: 1 }]);
    expect(pipeline.paused).toEqual([]);
    expect(pipeline.dispatcher.window.size).toBe(0);
  });

  it('reads on as soon as enough has gone, not with the next tick', async () => {
    pipeline = new Pipeline();
    pipeline.lease = false;
    for (let first = 0; first < HELD_HIGH; first += 250) await pipeline.grant(250, { first, share: (first / 250) % 4 });
    expect(pipeline.paused).toEqual([GRANTED]);
    pipeline.lease = true;
    await until(() => pipeline.paused.length === 0);
    expect(pipeline.dispatcher.window.size).toBeGreaterThan(HELD_HIGH / 4);
    await until(() => pipeline.recorded.length === HELD_HIGH);
  });

  it('quiesces: submits nothing more and says whether every answer came', async () => {
    pipeline = new Pipeline();
    let answer: (answer: SubmitAnswer) => void = () => undefined;
    pipeline.answer = () => new Promise((resolve) => (answer = resolve));
    await pipeline.grant(1);
    await until(() => pipeline.submitted.length === 1);
    expect(await pipeline.dispatcher.quiesce(20)).toBe(false);
    await pipeline.grant(1, { first: 1 });
    await quiet(30);
    expect(pipeline.submitted).toHaveLength(1);
    answer({ kind: 'accepted', providerIds: [], code: '' });
    expect(await pipeline.dispatcher.quiesce(100)).toBe(true);
    expect(await pipeline.recorder.settled(500)).toBe(true);
  });
});
