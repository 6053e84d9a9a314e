import type { Mutation } from './mutation.js';
import { CORRECTING } from './mutations/correcting.js';
import { DECIDING } from './mutations/deciding.js';
import { LEDGER } from './mutations/ledger.js';
import { PLATFORM } from './mutations/platform.js';
import { RECOVERING } from './mutations/recovering.js';
import { RESTORING } from './mutations/restoring.js';
import { SCHEDULING } from './mutations/scheduling.js';
import { SENDING } from './mutations/sending.js';

/** Every build that is wrong on purpose; docs/guarantees.md and docs/recovery.md say which promise or step each breaks. */
export const MUTATIONS: readonly Mutation[] = [
  ...SENDING,
  ...SCHEDULING,
  ...LEDGER,
  ...DECIDING,
  ...PLATFORM,
  ...RECOVERING,
  ...CORRECTING,
  ...RESTORING,
];
