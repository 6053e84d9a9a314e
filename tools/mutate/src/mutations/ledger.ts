import type { Mutation } from '../mutation.js';

const DELIVERIES = 'services/deliveries/src';
const FOLD_TEST = `${DELIVERIES}/core/fold.unit.test.ts`;
const TIMERS_TEST = `${DELIVERIES}/core/timers.unit.test.ts`;

/** Wrong in the ledger: what is known of a delivery, and what is counted. */
export const LEDGER: readonly Mutation[] = [
  {
    name: 'receipts-by-arrival',
    breaks: ['G15', 'R31'],
    says: 'The fact that comes last stands, whatever came before.',
    edits: [
      { file: `${DELIVERIES}/core/states.ts`, find: 'return n === standingN ? fact > standing : n > standingN;', replace: 'return true;' },
    ],
    red: { test: FOLD_TEST, row: 'comes to the same end in any order of facts, each of them twice', because: 'Property failed' },
  },
  {
    name: 'late-receipt-undoes-delivery',
    breaks: ['G15'],
    says: 'A failure reported after a delivery takes the delivery back.',
    edits: [
      {
        file: `${DELIVERIES}/core/states.ts`,
        find: 'const last = fact >= Standing.DELIVERED;',
        replace: 'if (fact === Standing.RECEIPT_FAILED) return true;\n  const last = fact >= Standing.DELIVERED;',
      },
    ],
    red: {
      test: FOLD_TEST,
      row: 'delivered is never left, not even by a later failure',
      printed: 'delivered is never left',
      because: 'to deeply equal',
    },
  },
  {
    name: 'suppressed-counted-as-pending',
    breaks: ['G18'],
    says: 'Recipients that were suppressed are counted nowhere.',
    edits: [
      {
        file: `${DELIVERIES}/core/counts.ts`,
        find: 'if (terminal) bump(recipients, RECIPIENT_PLACE[state] ?? RECIPIENT_PLACE_FAILED);',
        replace: 'if (terminal && RECIPIENT_PLACE[state]) bump(recipients, RECIPIENT_PLACE[state] - 1);',
      },
    ],
    red: { test: FOLD_TEST, row: 'counts every recipient exactly once', because: 'to deeply equal' },
  },
  {
    name: 'tally-added-not-set',
    breaks: ['G18', 'R37'],
    says: 'A part of a tally that is told again is taken for news.',
    edits: [
      {
        file: 'services/campaigns/src/core/tally-parts.ts',
        find: 'if (before && before.sequence >= part.sequence) continue;',
        replace: '',
      },
    ],
    red: {
      test: 'services/campaigns/src/core/tally-parts.unit.test.ts',
      row: 'come to the same sum in any order, each of them twice',
      because: 'Property failed',
    },
  },
  {
    name: 'finished-before-everybody',
    breaks: ['G18'],
    says: 'A campaign is finished while recipients are pending.',
    edits: [
      {
        file: 'services/campaigns/src/core/tally-parts.ts',
        find: 'return recipients === closed.closedRecipients && terminal === closed.closedRecipients;',
        replace: 'return recipients === closed.closedRecipients;',
      },
    ],
    red: { test: 'services/campaigns/src/core/tally-parts.unit.test.ts', row: 'a pending recipient is missing', because: 'to be false' },
  },
  {
    name: 'close-takes-outstanding',
    breaks: ['G18', 'R35'],
    says: 'A close ends grants that are on their way as if they had never been granted.',
    edits: [
      {
        file: `${DELIVERIES}/core/closing.ts`,
        find: 'else if (closing.outstanding.has(`${slice.number}:${index}`)) column.due[index] = relative(slice, closing.at + OUTSTANDING_WAIT);',
        replace: 'else if (closing.outstanding.has(`${slice.number}:${index}`)) endDelivery(slice, column, index, closing.at);',
      },
    ],
    red: { test: FOLD_TEST, row: 'a close waits for what is outstanding', because: 'to deeply equal' },
  },
  {
    name: 'born-open-after-close',
    breaks: ['G18', 'R35'],
    says: 'Slices that are named after a close stay open for ever.',
    edits: [
      { file: `${DELIVERIES}/core/fold-planned.ts`, find: 'for (const closing of closings) closeColumn(slice, closing);', replace: '' },
    ],
    red: {
      test: FOLD_TEST,
      row: 'a slice named after the close is born closed',
      printed: 'a slice named after the close',
      because: 'to deeply equal',
    },
  },
  {
    name: 'due-forgotten-before-kafka',
    breaks: ['G1', 'R34'],
    says: 'A retry is done with as soon as it fires, before anybody was asked for it.',
    edits: [
      {
        file: `${DELIVERIES}/core/timers.ts`,
        find: 'dues.push(dueOf(column, index, at));',
        replace: 'dues.push(dueOf(column, index, at));\n          column.due[index] = 0;',
      },
    ],
    red: { test: TIMERS_TEST, row: 'a retry is due once at its delay and stays due until it has been sent', because: 'to deeply equal' },
  },
  {
    name: 'no-end-at-expiry',
    breaks: ['G1', 'R22'],
    says: 'What neither scheduler nor channel ended is pending for ever.',
    edits: [
      {
        file: `${DELIVERIES}/core/timers.ts`,
        find: 'const overdue = slice.expiresAt > 0 && now >= slice.expiresAt + EXPIRY_GRACE;',
        replace: 'const overdue = false;',
      },
    ],
    red: { test: TIMERS_TEST, row: 'what nobody ended by the expiry ends here as expired', because: 'to be true' },
  },
];
