import { type CallContext, type CallOptions, Metadata } from 'nice-grpc';
import { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { PrincipalKind, Role } from '@tocsin/contracts/tenants/v1/tenant';
import { TocsinError } from '@tocsin/errors';

/** Metadata key under which the gateway vouches for a caller to the services behind it. */
export const CALLER_KEY = 'tocsin-caller-bin';

const callers = new WeakMap<CallContext['metadata'], Caller>();

/** Every call says how long it may take. */
export interface DeadlineOptions {
  readonly deadlineMs: number;
  /** false: a refusal is answered at once; by default the call is tried again by its code, within the deadline. */
  readonly retry?: boolean;
}

/** The caller of the running RPC. */
export function callerOf(context: CallContext): Caller {
  const caller = callers.get(context.metadata);
  if (caller) return caller;
  throw new TocsinError('UNAUTHENTICATED', 'CALLER_MISSING', 'This call says nothing about who makes it.');
}

/** Remembers who makes this call. */
export function setCaller(context: CallContext, caller: Caller): void {
  callers.set(context.metadata, caller);
}

/** Reads the caller the gateway vouched for; throws TocsinError UNAUTHENTICATED when it is missing or damaged. */
export function readCaller(metadata: CallContext['metadata']): Caller {
  const bytes = metadata.get(CALLER_KEY);
  try {
    if (bytes) return Caller.decode(bytes);
  } catch (error) {
    throw new TocsinError('UNAUTHENTICATED', 'CALLER_DAMAGED', 'What this call says about its caller cannot be read.', { cause: error });
  }
  throw new TocsinError('UNAUTHENTICATED', 'CALLER_MISSING', 'This call says nothing about who makes it.');
}

/** Call options that pass the caller on to an internal service. */
export function onBehalfOf(caller: Caller, deadlineMs: number): CallOptions & DeadlineOptions {
  return { deadlineMs, metadata: Metadata().set(CALLER_KEY, Caller.encode(caller).finish()) };
}

/** A service that calls another one for itself (not for a principal), e.g. to read a tenant after an event. */
export function serviceCaller(service: string): Caller {
  return { principalId: `service:${service}`, tenantId: '', kind: PrincipalKind.MACHINE, roles: [Role.PLATFORM_ADMIN], keyId: '' };
}
