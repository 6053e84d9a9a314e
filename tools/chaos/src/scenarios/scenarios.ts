import { frozenEach } from './frozen-each.js';
import { rollingRestart } from './rolling-restart.js';
import { slowProvider } from './slow-provider.js';
import { SITE_SCENARIOS } from './site-stories.js';
import type { Scenario } from './scenario.js';

/** Stories beside the random run: npm run chaos -- --scenario NAME. */
export const SCENARIOS: readonly Scenario[] = [rollingRestart, frozenEach, slowProvider, ...SITE_SCENARIOS];
