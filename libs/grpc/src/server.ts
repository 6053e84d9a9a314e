import { type CallContext, type CompatServiceDefinition, createServer, type ServerMiddleware, type ServiceImplementation } from 'nice-grpc';
import { errorDetailsServerMiddleware } from 'nice-grpc-error-details';
import { HealthDefinition, HealthServiceImpl, HealthState } from 'nice-grpc-server-health';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError } from '@tocsin/errors';
import type { Logger, Metrics, Tracing } from '@tocsin/observability';
import { readCaller, setCaller } from './caller.js';
import { endlessCalls } from './endless-calls.js';
import { KEEPALIVE_MS, KEEPALIVE_TIMEOUT_MS, MAX_CONCURRENT_STREAMS, MAX_CONNECTION_AGE_MS, MAX_MESSAGE_BYTES } from './limits.js';
import { knownCallers } from './known-callers.js';
import { requireTlsOffLoopback } from './loopback.js';
import { addReflection } from './reflection.js';
import { admitted } from './admitted.js';
import { servedCall, serverMetrics } from './served-call.js';
import { serverCredentials, type ServerTls } from './server-tls.js';

export interface GrpcDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}

export interface ServedService {
  readonly definition: CompatServiceDefinition;
  readonly implementation: ServiceImplementation<CompatServiceDefinition>;
}

export interface GrpcServerOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly services: readonly ServedService[];
  /** PEM files; required off loopback. */
  readonly tls?: ServerTls | undefined;
  /** Who calls: 'caller' reads the metadata the gateway vouched for (internal services); a function authenticates (the gateway). */
  readonly authenticate: 'caller' | ((fullMethod: string, metadata: CallContext['metadata'], context: CallContext) => Promise<Caller>);
  /**
   * Asked about a unary call before anything is done for it; throws TocsinError to refuse it there, so that a flood costs little. What it refuses is counted and has no span.
   */
  readonly admit?: (fullMethod: string, request: unknown, metadata: CallContext['metadata']) => void;
  /** Bytes of one message at most; 4 MiB by default. */
  readonly maxMessageBytes?: number;
}

export interface GrpcServer {
  readonly port: number;
  setServing(serving: boolean): void;
  /** No new calls, running ones finish within the deadline, then they are cancelled. */
  drain(deadlineMs: number): Promise<void>;
}

/** Pairs a definition with its implementation so that the compiler checks one against the other. */
export function serve<D extends CompatServiceDefinition>(definition: D, implementation: ServiceImplementation<D>): ServedService {
  return { definition, implementation: implementation as ServiceImplementation<CompatServiceDefinition> };
}

/** Serves with health, reflection, deadlines, typed errors in details, spans and metrics. */
export async function startGrpcServer(options: GrpcServerOptions, deps: GrpcDeps): Promise<GrpcServer> {
  requireTlsOffLoopback(options.host, options.tls, 'Serving gRPC on');
  const names = options.services.map(({ definition }) => fullName(definition));
  const methods = options.services.flatMap(({ definition }) => methodPaths(definition));
  const draining = new AbortController();
  const endless = endlessCalls(draining.signal);
  const bytes = options.maxMessageBytes ?? MAX_MESSAGE_BYTES;
  const metrics = serverMetrics(deps, methods);
  const server = createServer({
    'grpc.max_receive_message_length': bytes,
    'grpc.max_send_message_length': bytes,
    'grpc.max_concurrent_streams': MAX_CONCURRENT_STREAMS,
    'grpc.max_connection_age_ms': MAX_CONNECTION_AGE_MS,
    'grpc.keepalive_time_ms': KEEPALIVE_MS * SERVER_PATIENCE,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS * SERVER_PATIENCE,
  })
    .use(errorDetailsServerMiddleware)
    .use(admitted(options.admit, metrics))
    .use(servedCall(deps, metrics, draining.signal))
    .use(endless);

  const health = HealthState();
  const setServing = (serving: boolean): void => {
    for (const name of ['', ...names]) health.setStatus(serving ? 'healthy' : 'unhealthy', name);
  };
  server.add(HealthDefinition, HealthServiceImpl(health));
  addReflection(server, names);
  for (const { definition, implementation } of options.services) {
    server.with(authenticated(options.authenticate)).add(definition, implementation);
  }
  const port = await listen();
  setServing(true);
  deps.logger.info('grpc.listening', { host: options.host, port, services: names });

  return {
    port,
    setServing,
    async drain(deadlineMs) {
      setServing(false);
      draining.abort();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), deadlineMs)));
      const end = await Promise.race([server.shutdown(), late]);
      clearTimeout(timer);
      if (end === 'late') {
        deps.logger.warn('grpc.drain-cut', { deadlineMs });
        server.forceShutdown();
      }
    },
  };

  async function listen(): Promise<number> {
    // Behind the gateway, who calls is known by certificate; at the gateway, by key.
    const known = options.authenticate === 'caller' && options.tls?.ca !== undefined ? [knownCallers(deps)] : [];
    const credentials = serverCredentials(options.tls, known);
    try {
      const host = options.host.includes(':') && !options.host.startsWith('[') ? `[${options.host}]` : options.host;
      return await server.listen(`${host}:${options.port}`, credentials);
    } catch (error) {
      throw new TocsinError('FAILED_PRECONDITION', 'PORT_UNAVAILABLE', `gRPC cannot listen on ${options.host}:${options.port}.`, {
        cause: error,
      });
    }
  }
}

/** A server asks an idle client less eagerly than a client its server: it only frees what a dead client holds. */
const SERVER_PATIENCE = 5;

function authenticated(authenticate: GrpcServerOptions['authenticate']): ServerMiddleware {
  return async function* identify(call, context) {
    const method = call.method.path.slice(1);
    setCaller(context, authenticate === 'caller' ? readCaller(context.metadata) : await authenticate(method, context.metadata, context));
    return yield* call.next(call.request, context);
  };
}

function fullName(definition: CompatServiceDefinition): string {
  return 'fullName' in definition && typeof definition.fullName === 'string' ? definition.fullName : '';
}

function methodPaths(definition: CompatServiceDefinition): string[] {
  if (!('methods' in definition)) return [];
  return Object.values(definition.methods as Record<string, { name: string }>).map((method) => `${fullName(definition)}/${method.name}`);
}
