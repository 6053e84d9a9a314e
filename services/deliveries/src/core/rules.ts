import type { Manifest } from '@tocsin/contracts/channels/v1/channels';

/** What a channel's manifest says about the end of a delivery. */
export interface ChannelRules {
  /** Accepted is the end (e-mail). */
  readonly acceptedIsTerminal: boolean;
  /** ms without a receipt after which an accepted delivery is closed unconfirmed. */
  readonly receiptTimeout: number;
  /** ms before attempt 2, 3, ...; one attempt more than delays at most. */
  readonly retryDelays: readonly number[];
}

export type RulesOf = (channel: string) => ChannelRules;

/** A channel that never announced itself: receipts are waited for as long as SMS does, and nothing is tried again. */
export const UNKNOWN_CHANNEL: ChannelRules = { acceptedIsTerminal: false, receiptTimeout: 600_000, retryDelays: [] };

export function rulesOfManifest(manifest: Manifest): ChannelRules {
  return {
    acceptedIsTerminal: manifest.acceptedIsTerminal,
    receiptTimeout: manifest.receiptTimeout > 0 ? manifest.receiptTimeout : UNKNOWN_CHANNEL.receiptTimeout,
    retryDelays: manifest.retryDelays,
  };
}
