import { join } from 'node:path';
import { CHANNEL_PARTITIONS, channelTopicSpecs, TOPICS } from '@tocsin/contracts';
import { connectKafka, listDeadLetters } from '@tocsin/kafka';
import { createObservability } from '@tocsin/observability';
import { isReady, ManagedProcess, startGround, waitUntil } from '@tocsin/testing';
import { planStack } from '../stack-plan.js';
import { firstFreeRange, type RunningStack } from '../stack.js';

const READY_DEADLINE_MS = 90_000;
const STOP_DEADLINE_MS = 20_000;

/** Where a service's code comes from, and what it is told beside the stack's settings. */
export interface Release {
  /** Folder with its built services. */
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A stack whose services may be of different releases and are exchanged while they work. */
export interface MixedStack extends RunningStack {
  readonly names: readonly string[];
  /** Drains a service and starts it as another release; throws when it did not end well or does not become ready. */
  exchange(name: string, release: Release): Promise<void>;
  /** "topic: reason" of every record that somebody could not process. */
  deadLetters(): Promise<readonly string[]>;
}

/** `second`: services that run twice. */
export async function startMixedStack(release: Release, second: readonly string[]): Promise<MixedStack> {
  const ground = await startGround();
  const plan = await planStack(ground, await firstFreeRange(), second);
  const running = new Map<string, ManagedProcess>();

  const start = async (name: string, { root, env }: Release): Promise<void> => {
    const planned = plan.service(name);
    const process_ = await ManagedProcess.start({
      name,
      command: process.execPath,
      args: planned.args.map((argument) => argument.replace(join(plan.paths.root, 'services'), join(root, 'services'))),
      env: { ...withoutOurs(), ...planned.env, ...env },
      cwd: root,
      logFile: join(plan.paths.logs, `${name}.log`),
    });
    running.set(name, process_);
    try {
      await waitUntil(
        `${name} ready`,
        async () => process_.exit !== undefined || (await isReady(planned.httpPort)),
        READY_DEADLINE_MS,
        250,
      );
      if (process_.exit !== undefined) throw new Error(`${name} ended while starting`);
    } catch (failure) {
      throw new Error(`${name} of ${root} did not become ready:\n${process_.tail()}`, { cause: failure });
    }
  };
  const stop = async (): Promise<void> => {
    await Promise.all([...running.values()].map((service) => service.stop(STOP_DEADLINE_MS)));
    await plan.close();
    await ground.stop();
  };

  try {
    await Promise.all(plan.services.map(({ name }) => start(name, release)));
    return {
      ...(await plan.running(stop)),
      names: plan.services.map(({ name }) => name),
      exchange: async (name, next) => {
        const exit = await running.get(name)?.stop(STOP_DEADLINE_MS);
        if (exit?.code !== 0) throw new Error(`${name} ended with ${exit?.signal ?? exit?.code}:\n${running.get(name)?.tail()}`);
        await start(name, next);
      },
      deadLetters: () => deadLettersOf(ground),
    };
  } catch (failure) {
    await stop();
    throw failure;
  }
}

async function deadLettersOf(ground: { readonly brokers: readonly string[]; readonly prefix: string }): Promise<readonly string[]> {
  const { logger, metrics, tracing } = createObservability({ service: 'upgrade', instanceId: 'upgrade-1', logLevel: 'error' });
  const fail = (reason: string, error: unknown): never => {
    throw new Error(reason, { cause: error });
  };
  const kafka = connectKafka({ brokers: ground.brokers, prefix: ground.prefix, clientId: 'upgrade-1' }, { logger, metrics, tracing, fail });
  const specs = [...Object.values(TOPICS), ...['sms', 'email'].flatMap((channel) => channelTopicSpecs(channel, CHANNEL_PARTITIONS))];
  try {
    const found: string[] = [];
    for (const { name } of specs) {
      // A topic that nobody consumes has no dead letters, nor a topic for them.
      const entries = await listDeadLetters(kafka, name).catch((error: unknown) => {
        if (error instanceof Error && 'type' in error && error.type === 'UNKNOWN_TOPIC_OR_PARTITION') return [];
        throw error;
      });
      found.push(...entries.map(({ letter }) => `${name}: ${letter.reason} ${letter.type}`));
    }
    return found;
  } finally {
    await kafka.close(STOP_DEADLINE_MS);
    await tracing.shutdown();
  }
}

/** What any program needs; settings of Tocsin come from the plan alone. */
function withoutOurs(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('TOCSIN_')));
}
