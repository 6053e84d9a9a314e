export { callerOf, serve, startGrpcServer } from './server.js';
export type { GrpcDeps, GrpcServer, GrpcServerOptions, ServedService } from './server.js';
export { onBehalfOf, openGrpcChannel } from './client.js';
export type { DeadlineOptions, GrpcChannel, GrpcClientOptions } from './client.js';
