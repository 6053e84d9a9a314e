import type { ChannelStack } from './channel-stack.js';
import type { Layout } from './layout.js';
import { SERVICE_OFFSETS } from './port-plan.js';

/** Where a stack stands. */
export interface StackPlace {
  readonly firstPort: number;
  readonly layout: Pick<Layout, 'providers'>;
}

/** What the stack.json of a channel leaves open, by the name it has there. */
export function placeholdersOf({ firstPort, layout }: StackPlace, { standIn }: ChannelStack): Readonly<Record<string, string>> {
  return {
    '{standInHost}': layout.providers.host,
    '{standInPort}': String(firstPort + (standIn?.offset ?? 0)),
    '{secondStandInPort}': String(firstPort + (standIn?.second?.offset ?? 0)),
    '{ratePerSecond}': String(standIn?.ratePerSecond ?? 0),
    '{gatewayHttpPort}': String(firstPort + (SERVICE_OFFSETS['gateway']?.http ?? 0)),
  };
}

export function fill(text: string, placeholders: Readonly<Record<string, string>>): string {
  return Object.entries(placeholders).reduce((filled, [from, to]) => filled.replaceAll(from, to), text);
}
