import type { Logger } from '@tocsin/observability';
import type { Guarded, MongoConnection } from './documents.js';

export interface Migration {
  /** Never changed nor reused, e.g. "2026-11-25-tenant-list". */
  readonly id: string;
  /** Must be idempotent: two instances may run it side by side, and a crash runs it again. */
  run(connection: MongoConnection): Promise<void>;
}

interface AppliedMigration extends Guarded {
  /** Unix ms. */
  readonly at: number;
}

/** Applies what is not recorded yet, in order; a migration counts as applied by the insert of its record after it ran. */
export async function migrate(
  connection: MongoConnection,
  migrations: readonly Migration[],
  deps: { readonly logger: Logger; now(): number },
): Promise<void> {
  const applied = await connection.documents<AppliedMigration>('migrations');
  for (const migration of migrations) {
    if (await applied.get(migration.id)) continue;
    await migration.run(connection);
    if (await applied.insert({ _id: migration.id, v: 1, at: deps.now() })) deps.logger.info('store.migrated', { migration: migration.id });
  }
}
