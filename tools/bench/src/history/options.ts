import { parseArgs } from 'node:util';
import { whole } from '../urgent/options.js';

export interface HistoryOptions {
  /** Campaigns of the past, and recipients of all of them together. */
  readonly campaigns: number;
  readonly deliveries: number;
  /** Tenants with a register and a key of their own. */
  readonly tenants: number;
  /** Starts on each of the two grounds. */
  readonly rounds: number;
}

export const HISTORY_USAGE = 'history [--campaigns 33000] [--deliveries 3500000] [--tenants 800] [--rounds 5]';

export function readHistoryOptions(args: readonly string[]): HistoryOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      campaigns: { type: 'string', default: '33000' },
      deliveries: { type: 'string', default: '3500000' },
      tenants: { type: 'string', default: '800' },
      rounds: { type: 'string', default: '5' },
    },
  });
  return {
    campaigns: whole('campaigns', values.campaigns, 100, 200_000),
    deliveries: whole('deliveries', values.deliveries, 1_000, 20_000_000),
    tenants: whole('tenants', values.tenants, 20, 5_000),
    rounds: whole('rounds', values.rounds, 1, 20),
  };
}
