export { serve, startGrpcServer } from './server.js';
export type { GrpcDeps, GrpcServer, GrpcServerOptions, ServedService } from './server.js';
export { callerOf, onBehalfOf, serviceCaller } from './caller.js';
export type { DeadlineOptions } from './caller.js';
export { endOnDrain } from './endless-calls.js';
export { Metadata } from 'nice-grpc';
export type { CallContext, CallOptions, Client, CompatServiceDefinition, ServiceImplementation } from 'nice-grpc';
export { openGrpcChannel } from './client.js';
export type { GrpcChannel, GrpcClientOptions } from './client.js';
