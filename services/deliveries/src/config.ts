import { integer, number, port } from '@tocsin/service-kit';

/** Thirteen months: the same event of last year can still be compared, and a complaint within a year be answered. */
const DEFAULT_RECIPIENT_DAYS = 400;
/** Above what any topic or dead letter keeps (30 days): a fact about a recipient who is gone cannot come any more. */
const MIN_RECIPIENT_DAYS = 31;

/** TOCSIN_DELIVERIES_<NAME>. */
export const SETTINGS = {
  grpcPort: port({ env: 'GRPC_PORT', default: 7428, doc: 'Port of the reports service.' }),
  recipientDays: integer({
    env: 'RECIPIENT_DAYS',
    default: DEFAULT_RECIPIENT_DAYS,
    min: MIN_RECIPIENT_DAYS,
    max: 3_660,
    doc: 'Days the recipients of an ended campaign are kept; afterwards its counts remain.',
  }),
  retentionShare: number({
    env: 'RETENTION_SHARE',
    default: 0.05,
    min: 0.001,
    max: 0.5,
    doc: "Part of the database's time that retention may take.",
  }),
  databaseShare: number({
    env: 'DATABASE_SHARE',
    default: 0.2,
    min: 0.01,
    max: 1,
    doc: "Part of the database's time that the ledger's writes may take.",
  }),
} as const;
