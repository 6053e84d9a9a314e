import { parseArgs } from 'node:util';
import type { RestoreFirst } from './restore-first.js';

export interface StackOptions {
  /** demo: npm start; stack: services only; status and stop look at a stack that runs. */
  readonly command: 'demo' | 'stack' | 'status' | 'stop' | 'help';
  /** End after the demo with one JSON object on the last line. */
  readonly once: boolean;
  /** kill -9 one service every 30 s during the demo. */
  readonly kill: boolean;
  /** Two sites and a witness in networks of their own instead of one host. */
  readonly sites: boolean;
  /** Decides names, moments and kills. */
  readonly seed: number;
  /** A backup that an empty ground begins with. */
  readonly restore: RestoreFirst | undefined;
}

const DEFAULT_SEED = 1;

export const USAGE = `npm start [-- --once] [--kill] [--seed N]   the whole demonstration: a city and 42 municipalities alerted at once
  --once     end when all is finished; the last line is one JSON object
  --kill     with it, kill -9 one service every 30 s
  --seed N   decides names, moments and kills (default ${DEFAULT_SEED})
  --sites    on two sites and a witness
npm run stack                               start everything and stay
npm run stack -- --restore FILE --key FILE  the same from a backup, on an empty ground, with the platform key of then in place
npm run stack:sites                         the same on two sites and a witness, in network namespaces (Linux, root)
npm run stack -- --status                   what runs, ready or not, memory and CPU
npm run stack -- --stop                     drain and stop what runs from this clone`;

export function readOptions(args: readonly string[]): StackOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      stack: { type: 'boolean' },
      status: { type: 'boolean' },
      stop: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      once: { type: 'boolean', default: false },
      kill: { type: 'boolean', default: false },
      sites: { type: 'boolean', default: false },
      seed: { type: 'string', default: String(DEFAULT_SEED) },
      restore: { type: 'string' },
      key: { type: 'string' },
    },
  });
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('--seed takes a whole number from 0.');
  if ((values.restore === undefined) !== (values.key === undefined)) throw new Error('--restore FILE and --key FILE go together.');
  const restore = values.restore !== undefined && values.key !== undefined ? { from: values.restore, key: values.key } : undefined;
  return { command: commandOf(values), once: values.once, kill: values.kill, sites: values.sites, seed, restore };
}

function commandOf(values: { stack?: boolean; status?: boolean; stop?: boolean; help?: boolean }): StackOptions['command'] {
  if (values.help === true) return 'help';
  if (values.status === true) return 'status';
  if (values.stop === true) return 'stop';
  return values.stack === true ? 'stack' : 'demo';
}
