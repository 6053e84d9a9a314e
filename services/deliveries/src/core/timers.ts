import { endDelivery } from './closing.js';
import { escalate } from './escalation.js';
import { awaitsReceipt } from './fold-attempt.js';
import { absolute, type Column, Flag, isOpen, raise, type Slice } from './slice.js';
import { Standing } from './states.js';

/** A grant to ask for: attempt n of one recipient on one channel. */
export interface Due {
  readonly channel: string;
  readonly index: number;
  readonly n: number;
  /** Unix ms. */
  readonly at: number;
  readonly reason: 'RETRY' | 'ESCALATION';
}

/** ms after the expiry when what is still open ends here, should neither scheduler nor channel have said so. */
export const EXPIRY_GRACE = 60_000;

/** Unix ms of the slice's next timer, 0 = none. */
export function earliestTimer(slice: Slice): number {
  let earliest = Infinity;
  let open = false;
  for (const column of slice.columns) {
    for (let index = 0; index < column.due.length; index += 1) {
      const due = column.due[index] ?? 0;
      if (due !== 0 && due < earliest) earliest = due;
      open ||= isOpen(column, index);
    }
  }
  const timer = earliest === Infinity ? Infinity : absolute(slice, earliest);
  const backstop = open && slice.expiresAt > 0 ? slice.expiresAt + EXPIRY_GRACE : Infinity;
  const next = Math.min(timer, backstop);
  return next === Infinity ? 0 : next;
}

/** Lets every timer up to `now` act: receipt time-outs and closes end deliveries here, grants to ask for are answered and stay due until told sent. */
export function fireTimers(slice: Slice, now: number): { readonly dues: readonly Due[]; readonly changed: boolean } {
  const dues: Due[] = [];
  let changed = false;
  const expired = slice.expiresAt > 0 && now >= slice.expiresAt;
  const overdue = slice.expiresAt > 0 && now >= slice.expiresAt + EXPIRY_GRACE;
  // Columns may be asked for while we walk: a receipt time-out escalates to a later one, whose due is then met in the same walk.
  for (let pass = 0; pass <= slice.columns.length; pass += 1) {
    dues.length = 0;
    let moved = false;
    for (const column of slice.columns) {
      for (let index = 0; index < column.due.length; index += 1) {
        const at = absolute(slice, column.due[index]);
        const fires = at !== 0 && at <= now;
        if (!fires && !(overdue && isOpen(column, index))) continue;
        if (awaitsReceipt(column, index)) closeUnconfirmed(column, index);
        else if (!isOpen(column, index)) column.due[index] = 0;
        else if (column.closed !== '' || expired) {
          if (column.closed === '') column.closed = 'EXPIRED';
          endDelivery(slice, column, index, at || now);
        } else {
          dues.push(dueOf(column, index, at));
          continue;
        }
        escalate(slice, index, at || now);
        moved = true;
      }
    }
    changed ||= moved;
    if (!moved) break;
  }
  return { dues, changed };
}

/** The grants have been asked for: their timers are done. */
export function markSent(slice: Slice, dues: readonly Due[]): void {
  for (const due of dues) {
    const column = slice.columns.find((candidate) => candidate.channel === due.channel);
    if (!column || !isOpen(column, due.index) || column.due[due.index] === 0) continue;
    if (dueOf(column, due.index, due.at).n === due.n) column.due[due.index] = 0;
  }
}

function closeUnconfirmed(column: Column, index: number): void {
  raise(column, index, Flag.UNCONFIRMED);
  column.settled[index] = column.due[index] ?? 0;
  column.due[index] = 0;
}

function dueOf(column: Column, index: number, at: number): Due {
  const retry = column.standing[index] === Standing.RETRYABLE;
  const n = retry ? (column.n[index] ?? 0) + 1 : 1;
  return { channel: column.channel, index, n, at, reason: retry ? 'RETRY' : 'ESCALATION' };
}
