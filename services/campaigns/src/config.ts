import { port } from '@tocsin/service-kit';

/** TOCSIN_CAMPAIGNS_<NAME>. */
export const SETTINGS = {
  grpcPort: port({ env: 'GRPC_PORT', default: 7424, doc: 'Port of the campaigns service.' }),
} as const;
