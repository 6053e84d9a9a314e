import type { Sealer } from '@tocsin/sealing';
import type { Stores } from './stores/stores.js';

/** What the handlers stand on. */
export interface ServiceParts {
  readonly stores: Stores;
  readonly sealer: Sealer;
  /** Unix ms. */
  now(): number;
  /** Fresh random bytes. */
  random(bytes: number): Buffer;
}
