import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TocsinError } from '@tocsin/errors';
import type { ChannelStack } from './channel-stack.js';
import type { StackPaths } from './paths.js';
import { fill, placeholdersOf, type StackPlace } from './placeholders.js';

/** TOCSIN_STACK_<CHANNEL>_ROUTES=2: the channel's routes to two stand-ins; undefined = it has its one. */
export function twoRoutes(env: NodeJS.ProcessEnv, { channel, routes }: ChannelStack): ChannelStack['routes'] {
  const variable = `TOCSIN_STACK_${channel.toUpperCase().replaceAll('-', '_')}_ROUTES`;
  const text = env[variable] ?? '1';
  if (text === '1') return undefined;
  if (text === '2' && routes) return routes;
  throw new TocsinError(
    'INVALID_ARGUMENT',
    'ROUTES',
    `${variable} is "${text}": ${routes ? 'set it to 1 or 2.' : 'stack.json of this channel has no second stand-in.'}`,
  );
}

export function routesFileOf(paths: StackPaths, { channel }: ChannelStack): string {
  return join(paths.state, `routes-${channel}.json`);
}

export interface RoutesOptions extends StackPlace {
  readonly paths: StackPaths;
  readonly channels: readonly ChannelStack[];
  readonly env: NodeJS.ProcessEnv;
}

/** Writes the routes of every channel that is to have two; before its services start. */
export function writeRoutes(options: RoutesOptions): void {
  for (const channel of options.channels) {
    const routes = twoRoutes(options.env, channel);
    if (!routes) continue;
    const placeholders = placeholdersOf(options, channel);
    const list = routes.list.map((route) =>
      Object.fromEntries(Object.entries(route).map(([key, value]) => [key, filled(value, placeholders)])),
    );
    const file = routesFileOf(options.paths, channel);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(list, undefined, 2)}\n`);
  }
}

/** What was a placeholder for a number is one again. */
function filled(value: string | number, placeholders: Readonly<Record<string, string>>): string | number {
  if (typeof value === 'number' || !value.startsWith('{')) return value;
  const text = fill(value, placeholders);
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
