import type { CallContext, CompatServiceDefinition, ServiceImplementation } from 'nice-grpc';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import type { Logger, Metrics, Tracing } from '@tocsin/observability';

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
  readonly tls?: { readonly certificate: string; readonly key: string; readonly clientCa?: string };
  /** Who calls: 'caller' reads the metadata the gateway vouched for (internal services); a function authenticates (the gateway). */
  readonly authenticate: 'caller' | ((fullMethod: string, metadata: CallContext['metadata'], context: CallContext) => Promise<Caller>);
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
  void deps;
  throw new Error(`not built yet: ${options.host}`);
}

/** The caller of the running RPC. */
export function callerOf(context: CallContext): Caller {
  void context;
  throw new Error('not built yet');
}
