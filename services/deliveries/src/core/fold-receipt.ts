import { SLICE_SIZE } from '@tocsin/contracts';
import type { Receipt } from '@tocsin/contracts/deliveries/v1/attempts';
import { escalate } from './escalation.js';
import type { ChannelRules } from './rules.js';
import { type Column, Flag, lower, raise, relative, type Slice, wordNumber } from './slice.js';
import { beats, standingOfReceipt } from './states.js';

/** What the provider reports later; it may come before the attempt it is about, and proves that there was one. */
export function foldReceipt(slice: Slice, column: Column, receipt: Receipt, rules: ChannelRules): void {
  const { index } = receipt;
  if (index >= SLICE_SIZE) return;
  const n = Math.min(255, receipt.n || column.n[index] || 1);
  column.acceptedEnds = rules.acceptedIsTerminal;
  raise(column, index, Flag.REQUESTED | Flag.HANDED_OVER | Flag.ACCEPTED);
  const standing = standingOfReceipt(receipt);
  if (standing === null || !beats(n, standing, column.n[index] ?? 0, column.standing[index] ?? 0)) return;
  column.standing[index] = standing;
  column.n[index] = n;
  column.reason[index] = wordNumber(slice, receipt.reason);
  column.code[index] = wordNumber(slice, receipt.providerCode);
  column.settled[index] = relative(slice, receipt.occurredAt);
  column.due[index] = 0;
  lower(column, index, Flag.UNCONFIRMED | Flag.ENDED);
  escalate(slice, index, receipt.occurredAt);
}
