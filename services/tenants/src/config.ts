import { file, optional, port } from '@tocsin/service-kit';

/** Settings of the service, TOCSIN_TENANTS_<NAME>. */
export const settings = {
  grpcPort: port({ env: 'GRPC_PORT', default: 7420, doc: 'Port of the internal gRPC services.' }),
  tlsCertificate: optional(file({ env: 'TLS_CERTIFICATE', doc: 'PEM certificate; required off loopback, with TLS_KEY.' })),
  tlsKey: optional(file({ env: 'TLS_KEY', doc: 'PEM key of the certificate.' })),
  tlsClientCa: optional(file({ env: 'TLS_CLIENT_CA', doc: "PEM authority that signs the clients' certificates." })),
};
