import type { Sealer } from '@tocsin/sealing';
import type { Controls } from './operations/controls.js';
import type { Manifests } from './operations/known-target.js';
import type { Stores } from './stores/stores.js';

/** What the handlers stand on. */
export interface ServiceParts {
  readonly stores: Stores;
  readonly controls: Controls;
  readonly manifests: Manifests;
  readonly sealer: Sealer;
  /** Unix ms. */
  readonly now: () => number;
  /** Fresh random bytes. */
  readonly random: (bytes: number) => Buffer;
}
