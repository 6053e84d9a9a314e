/** Real Kafka and the real database for one test run, shared by its files; each file takes its own prefix. */
export interface TestGround {
  readonly brokers: readonly string[];
  readonly mongoUri: string;
  readonly keyFile: string;
  /** A prefix no other test uses: topics, groups and databases. */
  readonly prefix: string;
  stop(): Promise<void>;
}

/** Joins the ground the run started (vitest global set-up), or starts one. */
export async function startGround(): Promise<TestGround> {
  throw new Error('not built yet');
}
