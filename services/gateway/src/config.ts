import { file, integer, optional, port } from '@tocsin/service-kit';

/** Settings of the gateway, TOCSIN_GATEWAY_<NAME>. */
export const settings = {
  grpcPort: port({ env: 'GRPC_PORT', default: 7410, doc: 'TCP port of the public gRPC API.' }),
  tlsCert: optional(file({ env: 'TLS_CERT', doc: 'PEM file of the certificate chain; needed off loopback.' })),
  tlsKey: optional(file({ env: 'TLS_KEY', doc: 'PEM file of the private key of the certificate.' })),
  callsPerKey: integer({ env: 'CALLS_PER_KEY', min: 1, max: 10_000, default: 64, doc: 'Unary calls of one key at once.' }),
  streamsPerKey: integer({ env: 'STREAMS_PER_KEY', min: 1, max: 10_000, default: 64, doc: 'Imports and watches of one key at once.' }),
  calls: integer({ env: 'CALLS', min: 1, max: 100_000, default: 1_000, doc: 'Calls of all keys at once.' }),
};
