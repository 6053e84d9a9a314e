import type { Sealer } from '@tocsin/sealing';
import type { Stores } from './stores/stores.js';

/** What the handlers stand on. */
export interface ServiceParts {
  readonly stores: Stores;
  readonly sealer: Sealer;
  /** Unix ms. */
  readonly now: () => number;
  /** Fresh random bytes. */
  readonly random: (bytes: number) => Buffer;
}
