import type { AudienceChannel } from '@tocsin/contracts/subscribers/v1/audience';
import type { StoredAddress, StoredContact } from '@tocsin/contracts/subscribers/v1/stored_page';

/** Why nobody can or may reach a contact that the rule takes. */
export type Unreachable = 'NO_ADDRESS' | 'NO_CONSENT' | 'STOPPED' | 'NOT_LOCATABLE';

/** Whether a STOP stands against an address on a channel for the purpose of this walk. */
export type IsStopped = (channel: string, hash: Buffer) => boolean;

export interface Way {
  readonly channel: string;
  readonly address: StoredAddress;
}

/** One way per channel: the first address of a kind the channel takes that agreed and did not say STOP; else why there is none at all. */
export function reach(
  contact: StoredContact,
  channels: readonly AudienceChannel[],
  purpose: string,
  isStopped: IsStopped,
): readonly Way[] | Unreachable {
  const ways: Way[] = [];
  let worst: Unreachable = 'NO_ADDRESS';
  for (const { channel, addressKinds } of channels) {
    for (const address of contact.addresses) {
      if (!addressKinds.includes(address.kind)) continue;
      if (!address.consents.includes(purpose)) {
        if (worst === 'NO_ADDRESS') worst = 'NO_CONSENT';
      } else if (isStopped(channel, address.hash)) {
        worst = 'STOPPED';
      } else {
        ways.push({ channel, address });
        break;
      }
    }
  }
  return ways.length > 0 ? ways : worst;
}
