import type { CallOptions, Client, CompatServiceDefinition } from 'nice-grpc';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import type { GrpcDeps } from './server.js';

/** Every call says how long it may take. */
export interface DeadlineOptions {
  readonly deadlineMs: number;
}

export interface GrpcClientOptions {
  /** host:port of every instance; calls go round them. */
  readonly addresses: readonly string[];
  readonly tls?: { readonly ca?: string };
  /** Metadata put on every call, e.g. an API key. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface GrpcChannel {
  /** Calls without `deadlineMs` in their options are refused before they leave. Retries by RETRY_RULE within the deadline. Errors arrive as TocsinError. */
  client<D extends CompatServiceDefinition>(definition: D): Client<D, CallOptions & DeadlineOptions>;
  close(): void;
}

export function openGrpcChannel(options: GrpcClientOptions, deps: GrpcDeps): GrpcChannel {
  void deps;
  throw new Error(`not built yet: ${options.addresses.join()}`);
}

/** Call options that pass the caller on to an internal service. */
export function onBehalfOf(caller: Caller, deadlineMs: number): CallOptions & DeadlineOptions {
  void caller;
  return { deadlineMs };
}
