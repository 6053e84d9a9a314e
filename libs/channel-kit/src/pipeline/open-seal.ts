import type { SealedRecipient, SealKey } from '@tocsin/contracts/common/v1/common';
import type { Sealer } from '@tocsin/sealing';
import type { HeldItem } from './held-item.js';
import { readRecipient } from './read-recipient.js';

/** A box that does not open or does not hold a recipient; its message never carries what was inside. */
export class SealBrokenError extends Error {
  constructor(cause: unknown) {
    super('the sealed recipient cannot be opened', { cause });
    this.name = 'SealBrokenError';
  }
}

/** Opens one recipient, just before the wire and nowhere else. */
export function openSeal(sealer: Sealer, item: HeldItem): SealedRecipient {
  const key: SealKey | undefined = item.frame.sealKey;
  try {
    if (!key) throw new RangeError('no seal key');
    const recipient = readRecipient(sealer.open(key, item.box));
    if (!recipient.address) throw new RangeError('no address');
    return recipient;
  } catch (error) {
    throw new SealBrokenError(error);
  }
}
