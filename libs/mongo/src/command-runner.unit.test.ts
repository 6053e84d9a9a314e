import mongoose from 'mongoose';
import { describe, expect, it } from 'vitest';
import { createObservability } from '@tocsin/observability';
import { CommandRunner } from './command-runner.js';

const { metrics } = createObservability({ service: 'test', instanceId: 'runner-test', logLevel: 'error' });
const runner = new CommandRunner(metrics);
const fails = (error: Error): Promise<unknown> => runner.run('find', () => Promise.reject(error));

/** As the driver names it; its classes have a getter for the name, and not all of them are exported. */
const named = (name: string): Error => Object.defineProperty(new Error('gone'), 'name', { value: name });

describe('a command of the store', () => {
  it.each([
    'MongoNetworkError',
    'MongoNetworkTimeoutError',
    'MongoServerSelectionError',
    'MongoPoolClearedError',
    'PoolClearedOnNetworkError',
    'MongoPoolClosedError',
    'MongoWaitQueueTimeoutError',
    'MongoNotConnectedError',
    'MongoTopologyClosedError',
    'MongoStalePrimaryError',
    'MongooseServerSelectionError',
  ])('that ends with %s may be made again', async (name) => {
    await expect(fails(named(name))).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'STORE_UNAVAILABLE' });
  });

  it.each([mongoose.mongo.MongoNetworkError, mongoose.mongo.MongoNotConnectedError, mongoose.mongo.MongoTopologyClosedError])(
    'that ends with the driver’s own %o may be made again',
    async (Failure) => {
      await expect(fails(new Failure('gone', {}))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    },
  );

  it.each(['MongoParseError', 'MongoInvalidArgumentError', 'TypeError'])('that ends with %s is a defect', async (name) => {
    await expect(fails(named(name))).rejects.toMatchObject({ name });
  });
});
