import { SLICE_SIZE } from '@tocsin/contracts';
import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { DeliveryState } from '@tocsin/contracts/deliveries/v1/reports_service';
import type { PlannedSlice } from '@tocsin/contracts/deliveries/v1/planned';
import { closeColumn, type Closing } from './closing.js';
import { escalate } from './escalation.js';
import type { RulesOf } from './rules.js';
import { ensureColumn, Flag, raise, relative, type Slice, stateOf } from './slice.js';

/** Names the recipients of a slice; what attempts said before is kept. A slice already named stays as it is. */
export function foldPlanned(slice: Slice, planned: PlannedSlice, closings: readonly Closing[], rulesOf: RulesOf, at: number): void {
  if (slice.planned) return;
  slice.planned = true;
  slice.mode = planned.mode === Mode.ORDER ? Mode.ORDER : Mode.PARALLEL;
  slice.expiresAt = planned.expiresAt;
  slice.tenantId = planned.tenantId;
  for (const recipient of planned.recipients) {
    const { index } = recipient;
    if (index >= SLICE_SIZE) continue;
    while (slice.contacts.length <= index) slice.contacts.push('');
    slice.contacts[index] = recipient.contactId;
    recipient.channels.forEach((channel, place) => {
      const column = ensureColumn(slice, channel);
      column.acceptedEnds = rulesOf(channel).acceptedIsTerminal;
      column.rank[index] = place + 1;
      if (slice.mode === Mode.PARALLEL || place === 0) raise(column, index, Flag.REQUESTED);
      capReceiptWait(slice, channel, index);
    });
  }
  for (const closing of closings) closeColumn(slice, closing);
  slice.contacts.forEach((contact, index) => {
    if (contact !== '') escalate(slice, index, at);
  });
}

/** An attempt that came before its slice was named could not know the expiry. */
function capReceiptWait(slice: Slice, channel: string, index: number): void {
  const column = ensureColumn(slice, channel);
  if (slice.expiresAt <= 0 || stateOf(column, index) !== DeliveryState.ACCEPTED) return;
  column.due[index] = Math.min(column.due[index] || Number.MAX_SAFE_INTEGER, relative(slice, slice.expiresAt));
}
