import type { Message } from '@tocsin/contracts/campaigns/v1/campaign';
import type { Sealer } from '@tocsin/sealing';
import type { FailureReason, Rendered, Submission } from '../channel.js';
import { deliveryIdOf, type HeldItem } from './held-item.js';
import { openSeal, SealBrokenError } from './open-seal.js';

export type RenderRule = (message: Message, variables: Readonly<Record<string, string>>) => Rendered;

/** A submission ready for the wire, or why the item never will be (a poison item fails alone). */
export type Prepared = { readonly submission: Submission } | { readonly reason: FailureReason; readonly detail: string };

/** Opens the seal and fills the template, just before the wire. */
export function prepare(render: RenderRule, sealer: Sealer, item: HeldItem): Prepared {
  const { frame } = item;
  try {
    if (!frame.message) return { reason: 'RENDER_FAILED', detail: 'The grant carries no message.' };
    const recipient = openSeal(sealer, item);
    return {
      submission: {
        deliveryId: deliveryIdOf(item),
        n: item.n,
        address: recipient.address,
        rendered: render(frame.message, recipient.variables),
        tenantId: frame.tenantId,
        campaignId: frame.campaignId,
        expiresAt: frame.expiresAt,
        smsSender: frame.smsSender,
        mailFrom: frame.mailFrom,
        tenantName: frame.tenantName,
        purpose: frame.purpose,
        addressHash: item.addressHash,
        possibleDuplicate: item.possibleDuplicate,
        share: item.share,
      },
    };
  } catch (error) {
    if (error instanceof SealBrokenError) return { reason: 'SEAL_BROKEN', detail: 'The sealed recipient cannot be opened.' };
    // Only the kind of error: its message could quote what it met.
    return { reason: 'RENDER_FAILED', detail: `The template cannot be filled (${error instanceof Error ? error.name : 'error'}).` };
  }
}
