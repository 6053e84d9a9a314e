import { port } from '@tocsin/service-kit';

/** Settings of the service, TOCSIN_TENANTS_<NAME>. */
export const settings = {
  grpcPort: port({ env: 'GRPC_PORT', default: 7420, doc: 'Port of the internal gRPC services.' }),
};
