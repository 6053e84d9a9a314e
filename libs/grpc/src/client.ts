import { type CallOptions, type Client, type CompatServiceDefinition, createClientFactory } from 'nice-grpc';
import { errorDetailsClientMiddleware } from 'nice-grpc-error-details';
import { TocsinError } from '@tocsin/errors';
import type { DeadlineOptions } from './caller.js';
import { type InstanceOptions, Instances } from './instances.js';
import { withRetries } from './retry.js';
import type { GrpcDeps } from './server.js';
import { tryCall } from './try-call.js';

export interface GrpcClientOptions extends InstanceOptions {
  /** Metadata put on every call, e.g. an API key. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface GrpcChannel {
  /** Calls without `deadlineMs` in their options are refused before they leave. Retries by RETRY_RULE within the deadline. Errors arrive as TocsinError. */
  client<D extends CompatServiceDefinition>(definition: D): Client<D, CallOptions & DeadlineOptions>;
  close(): void;
}

/** A call of any shape, as nice-grpc makes it. */
type RawCall = (request: unknown, options: CallOptions & Partial<DeadlineOptions>) => Promise<unknown> | AsyncIterable<unknown>;

/** Milliseconds a deadline may be at most: beyond a day it is a mistake. */
const MAX_DEADLINE_MS = 24 * 60 * 60 * 1000;

/** Opens connections to the instances of one service; nothing leaves before the first call. */
export function openGrpcChannel(options: GrpcClientOptions, deps: GrpcDeps): GrpcChannel {
  const instances = new Instances(options);
  // nice-grpc runs the middleware attached last first: details are read before ours translates them.
  const factory = createClientFactory()
    .use(errorDetailsClientMiddleware)
    .use(tryCall(deps, options.metadata ?? {}));
  return {
    client<D extends CompatServiceDefinition>(definition: D) {
      const clients = instances.channels.map((channel) => factory.create(definition, channel) as unknown as Record<string, RawCall>);
      const callNext = (name: string, request: unknown, callOptions: CallOptions & DeadlineOptions): ReturnType<RawCall> => {
        const index = instances.next(performance.now());
        const call = clients[index]?.[name];
        if (!call) throw new TypeError(`no such method: ${name}`);
        const answer = call(request, callOptions);
        if (answer instanceof Promise) {
          // Whoever calls hears of it as well.
          answer.catch((error: unknown) => {
            if (error instanceof TocsinError && error.code === 'UNAVAILABLE') instances.passOver(index, performance.now());
          });
        }
        return answer;
      };
      const client: Record<string, RawCall> = {};
      for (const [name, method] of Object.entries(methodsOf(definition))) {
        const unary = async (request: unknown, given: CallOptions & Partial<DeadlineOptions>): Promise<unknown> => {
          const deadlineMs = checkDeadline(name, given);
          if (given.retry === false) return callNext(name, request, { ...given, deadlineMs });
          return withRetries(deadlineMs, given.signal, async (remainingMs) =>
            callNext(name, request, { ...given, deadlineMs: remainingMs }),
          );
        };
        const streamed: RawCall = (request, given) => callNext(name, request, { ...given, deadlineMs: checkDeadline(name, given) });
        client[name] = method.requestStream || method.responseStream ? streamed : unary;
      }
      return client as unknown as Client<D, CallOptions & DeadlineOptions>;
    },
    close: () => instances.close(),
  };
}

interface Shape {
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

function methodsOf(definition: CompatServiceDefinition): Record<string, Shape> {
  return ('methods' in definition ? definition.methods : definition) as Record<string, Shape>;
}

function checkDeadline(name: string, options: Partial<DeadlineOptions> | undefined): number {
  const deadlineMs = options?.deadlineMs;
  if (deadlineMs !== undefined && deadlineMs > 0 && deadlineMs <= MAX_DEADLINE_MS) return deadlineMs;
  throw new TocsinError(
    'INTERNAL',
    'DEADLINE_MISSING',
    `A call of ${name} must say how long it may take (deadlineMs, 1 to ${MAX_DEADLINE_MS}).`,
  );
}
