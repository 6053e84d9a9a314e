import { parseArgs } from 'node:util';
import { TocsinError } from '@tocsin/errors';

export interface GrowthOptions {
  /** Contacts of the largest campaign. */
  readonly contacts: number;
  /** Most tenants active at once. */
  readonly tenants: number;
  readonly rounds: number;
  /** Drains the largest campaign to its end. */
  readonly full: boolean;
  readonly control: boolean;
}

export const GROWTH_USAGE = 'growth [--contacts 1000000] [--tenants 5000] [--rounds 5] [--full] [--no-control]';

const LIMITS = { contacts: [10_000, 2_000_000], tenants: [10, 10_000], rounds: [1, 20] } as const;

export function readGrowthOptions(args: readonly string[]): GrowthOptions {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      contacts: { type: 'string', default: '1000000' },
      tenants: { type: 'string', default: '5000' },
      rounds: { type: 'string', default: '5' },
      full: { type: 'boolean', default: false },
      control: { type: 'boolean', default: true },
    },
  });
  const whole = (name: keyof typeof LIMITS): number => {
    const [least, most] = LIMITS[name];
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new TocsinError('INVALID_ARGUMENT', 'BAD_OPTION', `--${name} takes a whole number from ${least} to ${most}.`);
  };
  return { contacts: whole('contacts'), tenants: whole('tenants'), rounds: whole('rounds'), full: values.full, control: values.control };
}
