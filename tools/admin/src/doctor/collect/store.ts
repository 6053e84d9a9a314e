import { connectMongo } from '@tocsin/mongo';
import { quiet } from '../../connections.js';
import { storeEnvironment, type Variables } from '../../environment.js';
import type { StoreFacts } from '../facts.js';

/** ms for a connection and a read; a store that is away is said to be after 3 s. */
const STORE_MS = 8_000;
/** A database of its own: no document of a service is touched. */
const DATABASE = 'doctor';

/** Times one point read. Never throws: an answer that does not come is what the doctor looks for. */
export async function collectStore(variables: Variables): Promise<StoreFacts> {
  const { store, databasePrefix } = storeEnvironment(variables);
  const reading = (async (): Promise<StoreFacts> => {
    const connection = await connectMongo(store, `${databasePrefix}${DATABASE}`, quiet());
    try {
      const looks = await connection.documents('looks');
      const begun = performance.now();
      await looks.get('none');
      return { reachable: true, error: '', ms: performance.now() - begun };
    } finally {
      void connection.close();
    }
  })();
  const late = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error(`no answer within ${STORE_MS / 1_000} s`)), STORE_MS).unref(),
  );
  return Promise.race([reading, late]).catch((error: unknown) => ({
    reachable: false,
    error: error instanceof Error ? error.message : String(error),
    ms: 0,
  }));
}
