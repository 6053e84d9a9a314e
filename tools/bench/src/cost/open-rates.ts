import { TocsinError } from '@tocsin/errors';
import type { ChannelStack } from '../../../stack/dist/stack/channel-stack.js';
import { standInName } from '../../../stack/dist/stack/process-plan.js';
import type { Supervisor } from '../../../stack/dist/stack/supervisor.js';

/** Messages a second a channel is told its provider takes: the most its setting allows, and far more than two cores can. */
const CHANNEL_RATE = 10_000;
/** What the stand-ins then allow: they never say no. */
const STAND_IN_RATE = 100_000;
const CALL_DEADLINE_MS = 5_000;

/** A setting of a channel's stack.json that is nothing but its provider's rate. */
const RATE_PLACEHOLDER = '{ratePerSecond}';

/** Settings that open every channel's own pace; which they are is read from the channels' stack.json. */
export function openRateSettings(channels: readonly ChannelStack[]): Record<string, string> {
  return Object.assign({}, ...channels.map((channel) => rateSettings(channel, CHANNEL_RATE))) as Record<string, string>;
}

/** Settings that tell a channel that its provider takes so many messages a second. */
export function rateSettings({ env }: ChannelStack, perSecond: number): Record<string, string> {
  const names = Object.entries(env).flatMap(([name, value]) => (value === RATE_PLACEHOLDER ? [name] : []));
  return Object.fromEntries(names.map((name) => [name, String(perSecond)]));
}

/** Opens the rate of every provider stand-in. */
export async function openStandIns(supervisor: Supervisor): Promise<void> {
  for (const channel of supervisor.channels.filter(({ standIn }) => standIn !== undefined)) {
    const answer = await fetch(`http://127.0.0.1:${supervisor.httpPort(standInName(channel))}/knobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rate: STAND_IN_RATE }),
      signal: AbortSignal.timeout(CALL_DEADLINE_MS),
    });
    await answer.body?.cancel();
    if (!answer.ok) {
      const sentence = `The stand-in of ${channel.service} does not take the knob "rate" (HTTP ${answer.status}): the benchmark needs it.`;
      throw new TocsinError('FAILED_PRECONDITION', 'NO_RATE_KNOB', sentence);
    }
  }
}
