import type { AudienceContact, WalkAudienceRequest, WalkAudienceResponse } from '@tocsin/contracts/subscribers/v1/audience';
import { walkPages, type WalkedPage, type WalkParts } from './walk-pages.js';

/** Streams an audience to the planner, one answer a page. */
export async function* walkAudience(request: WalkAudienceRequest, parts: WalkParts): AsyncGenerator<WalkAudienceResponse> {
  for await (const page of walkPages(request, parts)) yield answer(page);
}

function answer(page: WalkedPage): WalkAudienceResponse {
  return {
    position: page.position,
    contacts: page.selected.map(({ contactId, contact, ways }): AudienceContact => ({
      contactId,
      addresses: ways.map(({ channel, address }) => ({
        channel,
        box: address.box,
        addressHash: address.hash,
        lengths: contact.lengths,
        domainHash: address.domainHash,
      })),
    })),
    notReachable: [...page.notReachable].map(([reason, count]) => ({ reason, count })),
    sealKey: page.head.sealKey,
    last: page.last,
  };
}
