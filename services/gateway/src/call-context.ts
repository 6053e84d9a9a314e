import type { callerOf } from '@tocsin/grpc';

/** What libs/grpc hands to the implementation of an RPC. */
export type CallContext = Parameters<typeof callerOf>[0];
