import { SLICE_SIZE } from '@tocsin/contracts';
import { type AttemptFact, Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { endDelivery } from './closing.js';
import { escalate } from './escalation.js';
import type { ChannelRules } from './rules.js';
import { type Column, Flag, has, isOpen, lower, raise, relative, type Slice, wordNumber } from './slice.js';
import { beats, Standing, standingOfAttempt } from './states.js';

/** Attempt numbers kept in one byte; retry ladders have a handful of rungs. */
const MAX_N = 255;

/** One call to a provider and what came of it. */
export function foldAttempt(slice: Slice, column: Column, attempt: AttemptFact, rules: ChannelRules): void {
  const { index } = attempt;
  if (index >= SLICE_SIZE) return;
  const n = Math.min(MAX_N, Math.max(1, attempt.n));
  column.acceptedEnds = rules.acceptedIsTerminal;
  raise(column, index, Flag.REQUESTED);
  if (attempt.possibleDuplicate) raise(column, index, Flag.POSSIBLE_DUPLICATE);
  if (attempt.submittedAt > 0) {
    raise(column, index, Flag.HANDED_OVER);
    column.submitted[index] = Math.max(column.submitted[index] ?? 0, relative(slice, attempt.submittedAt));
  }
  if (attempt.outcome === Outcome.ACCEPTED) raise(column, index, Flag.ACCEPTED | Flag.HANDED_OVER);
  const standing = standingOfAttempt(attempt, n, rules);
  const at = attempt.answeredAt || attempt.submittedAt;
  if (standing !== null && beats(n, standing, column.n[index] ?? 0, column.standing[index] ?? 0)) {
    column.standing[index] = standing;
    column.n[index] = n;
    column.reason[index] = wordNumber(slice, attempt.reason);
    column.code[index] = wordNumber(slice, attempt.providerCode);
    column.settled[index] = relative(slice, at);
    column.due[index] = dueAfter(slice, standing, n, at, rules);
    lower(column, index, Flag.UNCONFIRMED);
    if (standing !== Standing.RETRYABLE) lower(column, index, Flag.ENDED);
    else if (has(column, index, Flag.ENDED)) column.due[index] = 0;
  }
  // After a close nothing more is granted: what is still open has come to its end.
  if (column.closed !== '' && isOpen(column, index)) endDelivery(slice, column, index, at);
  escalate(slice, index, at);
}

function dueAfter(slice: Slice, standing: Standing, n: number, at: number, rules: ChannelRules): number {
  if (standing === Standing.RETRYABLE) return relative(slice, at + (rules.retryDelays[n - 1] ?? 0));
  if (standing !== Standing.ACCEPTED || rules.acceptedIsTerminal) return 0;
  const timeout = at + rules.receiptTimeout;
  return relative(slice, slice.expiresAt > 0 ? Math.min(timeout, slice.expiresAt) : timeout);
}

/** Whether the receipt of a delivery is still waited for. */
export function awaitsReceipt(column: Column, index: number): boolean {
  return column.standing[index] === Standing.ACCEPTED && !column.acceptedEnds && !has(column, index, Flag.UNCONFIRMED);
}
