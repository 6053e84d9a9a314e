import { parseDeliveryId } from '@tocsin/contracts';
import { DeliveryState, type RecipientReport } from '@tocsin/contracts/deliveries/v1/reports_service';
import { AudienceContact } from '@tocsin/contracts/subscribers/v1/audience';
import { itemsOf, type SliceDocument } from './slice-document.js';

/** Whether a grant of these recipients may still be sent, or has been and nobody has said so yet. */
export function isUnsettled(recipients: readonly RecipientReport[]): boolean {
  return recipients.some(({ deliveries }) => deliveries.some(({ state }) => state === DeliveryState.REQUESTED));
}

/** Slices that those of a page to whom something was submitted were planned in. */
export function slicesOf(recipients: readonly RecipientReport[]): ReadonlySet<number> {
  return new Set(recipients.flatMap((one) => submissionsOf(one).map(({ slice }) => slice)));
}

/**
 * Those to whom the original was submitted, each with the addresses it went to, sealed as they were. Whom nobody can say about (in doubt) counts: something was submitted. `missing`: their slice
 * is gone (retention), so that there is no address to write to.
 */
export function toldOf(
  recipients: readonly RecipientReport[],
  sliceOf: (slice: number) => SliceDocument | undefined,
): { readonly contacts: AudienceContact[]; readonly missing: number } {
  const contacts: AudienceContact[] = [];
  let missing = 0;
  for (const recipient of recipients) {
    const submissions = submissionsOf(recipient);
    if (submissions.length === 0) continue;
    const addresses = submissions.flatMap(({ slice, index, channel }) => {
      const document = sliceOf(slice);
      const item = document && itemsOf(document, channel).all.find((candidate) => candidate.index === index);
      return item ? [{ channel, box: item.box, addressHash: item.addressHash, domainHash: item.domainHash, lengths: [] }] : [];
    });
    if (addresses.length === 0) missing += 1;
    else contacts.push(AudienceContact.fromPartial({ contactId: recipient.contactId, addresses }));
  }
  return { contacts, missing };
}

function submissionsOf({ deliveries }: RecipientReport) {
  return deliveries
    .filter(({ submittedAt, possibleDuplicate }) => submittedAt > 0 || possibleDuplicate)
    .flatMap(({ deliveryId }) => parseDeliveryId(deliveryId) ?? []);
}
