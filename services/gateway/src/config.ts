import { file, integer, optional, port } from '@tocsin/service-kit';

/** Settings of the gateway, TOCSIN_GATEWAY_<NAME>. */
export const settings = {
  grpcPort: port({ env: 'GRPC_PORT', default: 7410, doc: 'TCP port of the public gRPC API.' }),
  tlsCert: optional(file({ env: 'TLS_CERT', doc: 'PEM file of the certificate chain; needed off loopback.' })),
  tlsKey: optional(file({ env: 'TLS_KEY', doc: 'PEM file of the private key of the certificate.' })),
  // Limits hold for one instance: two of them together take twice as much.
  callsPerKey: integer({ env: 'CALLS_PER_KEY', min: 1, max: 10_000, default: 64, doc: 'Unary calls of one key at once.' }),
  streamsPerKey: integer({ env: 'STREAMS_PER_KEY', min: 1, max: 10_000, default: 64, doc: 'Imports and watches of one key at once.' }),
  callsPerTenant: integer({ env: 'CALLS_PER_TENANT', min: 1, max: 10_000, default: 128, doc: 'Unary calls of one tenant at once.' }),
  streamsPerTenant: integer({
    env: 'STREAMS_PER_TENANT',
    min: 1,
    max: 10_000,
    default: 256,
    doc: 'Imports and watches of one tenant at once.',
  }),
  // Half a second of what two cores answer: more would only wait behind each other.
  calls: integer({ env: 'CALLS', min: 2, max: 100_000, default: 300, doc: 'Unary calls of all tenants at once.' }),
  streams: integer({ env: 'STREAMS', min: 2, max: 100_000, default: 2_000, doc: 'Imports and watches of all tenants at once.' }),
  // A quarter to a half of what two cores answer: no tenant has them alone, and none of ordinary size ever meets it.
  callsPerSecond: integer({
    env: 'CALLS_PER_SECOND',
    min: 1,
    max: 100_000,
    default: 200,
    doc: 'Calls of one tenant a second, a preview or an import counted as 10.',
  }),
};
