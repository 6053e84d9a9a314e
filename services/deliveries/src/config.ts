import { number, port } from '@tocsin/service-kit';

/** TOCSIN_DELIVERIES_<NAME>. */
export const SETTINGS = {
  grpcPort: port({ env: 'GRPC_PORT', default: 7428, doc: 'Port of the reports service.' }),
  databaseShare: number({
    env: 'DATABASE_SHARE',
    default: 0.2,
    min: 0.01,
    max: 1,
    doc: "Part of the database's time that the ledger's writes may take.",
  }),
} as const;
