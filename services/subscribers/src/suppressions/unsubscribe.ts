import { invalidArgument } from '@tocsin/errors';
import type { Sealer } from '@tocsin/sealing';
import { ALL_PURPOSES, type Wish } from './decide.js';
import type { Intents } from '../intents.js';

/** A wish at rest. */
export interface UnsubscribeIntent {
  readonly tenantId: string;
  readonly channel: string;
  readonly addressHash: Buffer;
  readonly purpose: string;
  readonly at: number;
}

/** Executes a one-click unsubscribe before it answers; forged and damaged tokens are refused. */
export async function unsubscribe(token: string, sealer: Sealer, intents: Intents<UnsubscribeIntent>, now: number): Promise<void> {
  const claim = sealer.readUnsubscribeToken(token);
  if (!claim) throw invalidArgument([{ field: 'token', description: 'is not one of ours, or is damaged' }], 'BAD_TOKEN');
  const { tenantId, channel, addressHash, purpose } = claim;
  const id = `${tenantId}:${channel}:${addressHash.toString('hex')}:${purpose}`;
  await intents.carryOut(id, { tenantId, channel, addressHash, purpose, at: now });
}

export function wishOf(intent: UnsubscribeIntent): Wish {
  const { tenantId, channel, addressHash, purpose, at } = intent;
  return { tenantId, channel, addressHash, stop: [purpose || ALL_PURPOSES], source: 'mail-unsubscribe', at };
}
