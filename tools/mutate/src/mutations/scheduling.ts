import type { Mutation } from '../mutation.js';

const SCHEDULER = 'services/routing/src/scheduler';
const STATE_TEST = `${SCHEDULER}/channel-state.unit.test.ts`;

/** Wrong in routing's scheduler: who goes next, and what its next owner knows. */
export const SCHEDULING: readonly Mutation[] = [
  {
    name: 'idle-tenant-catches-up',
    breaks: ['G8'],
    says: 'A tenant that was idle re-enters where it left and takes every turn until it has caught up.',
    edits: [{ file: 'libs/fairness/src/fair-lanes.ts', find: 'flow.key = Math.max(flow.key, state.virtualTime);', replace: '' }],
    red: {
      test: 'libs/fairness/src/fair-properties.unit.test.ts',
      row: 'a tenant that was idle is ahead of the granted window and shares from then on',
      printed: 'a tenant that was idle is ahead',
      because: 'Property failed',
    },
  },
  {
    name: 'weights-ignored',
    breaks: ['G8'],
    says: 'Every tenant has the same part, whatever its weight.',
    edits: [
      {
        file: 'libs/fairness/src/fair-lanes.ts',
        find: 'flow.key = tag + positive(cost) / flow.weight;',
        replace: 'flow.key = tag + positive(cost);',
      },
    ],
    red: { test: STATE_TEST, row: 'shares by weight between backlogged tenants', because: 'to be greater than' },
  },
  {
    name: 'urgent-held-by-the-window',
    breaks: ['G9'],
    says: 'Life-safety is held by the granted window like everybody else.',
    edits: [
      {
        file: `${SCHEDULER}/grant-turn.ts`,
        find: 'const limit = lane < URGENT_LANES ? Math.min(size * URGENT_WINDOWS, MAX_WINDOW) : size;',
        replace: 'const limit = size;',
      },
    ],
    red: { test: STATE_TEST, row: 'never holds life-safety behind a full window of others', because: 'to have a length of' },
  },
  {
    name: 'replayed-grant-not-outstanding',
    breaks: ['G1', 'R17'],
    says: 'A new owner that reads a grant back does not wait for its attempt.',
    edits: [
      {
        file: `${SCHEDULER}/replay-grant.ts`,
        find: 'state.outstanding.add({ campaignId, slice, index, n, lane, tag, cost, share, at: grantedAt });',
        replace: '',
      },
    ],
    red: {
      test: STATE_TEST,
      row: 'replays grants since the checkpoint: nobody is skipped, nobody is granted twice',
      because: 'expected +0 to be',
    },
  },
  {
    name: 'replayed-grant-moves-no-cursor',
    breaks: ['G2', 'R17'],
    says: 'A new owner grants again what was granted since the checkpoint.',
    edits: [{ file: `${SCHEDULER}/replay-grant.ts`, find: 'queue.replay(slice, index, n, item.cost, outOfOrder);', replace: '' }],
    red: {
      test: STATE_TEST,
      row: 'replays grants since the checkpoint: nobody is skipped, nobody is granted twice',
      because: 'to have a length of',
    },
  },
  {
    name: 'checkpoint-forgets-closes',
    breaks: ['G16', 'R20'],
    says: 'A campaign cancelled before a takeover goes on after it.',
    edits: [
      {
        file: `${SCHEDULER}/checkpoint-body.ts`,
        find: 'if (packed.close) queue.closing = { reason: packed.close[0], published: packed.close[1], revision: 0 };',
        replace: '',
      },
    ],
    red: { test: STATE_TEST, row: 'keeps closes, pauses, dues and finished campaigns', because: 'AssertionError' },
  },
  {
    name: 'checkpoint-forgets-dues',
    breaks: ['G1', 'R20'],
    says: 'Retries that are not due yet are lost with their owner.',
    edits: [
      {
        file: `${SCHEDULER}/checkpoint-body.ts`,
        find: 'for (const [slice, n, dueAt, indices] of packed.again) queue.again.add(slice, n, dueAt, unpackIndices(indices));',
        replace: '',
      },
    ],
    red: { test: STATE_TEST, row: 'keeps closes, pauses, dues and finished campaigns', because: 'AssertionError' },
  },
  {
    name: 'repeated-due-granted-again',
    breaks: ['G2', 'R21'],
    says: 'A retry asked for again by the ledger after a crash is granted again.',
    edits: [
      {
        file: `${SCHEDULER}/channel-state.ts`,
        find: 'if (this.recentDues.has(campaignId, slice, index, n) || this.outstanding.has(campaignId, slice, index, n)) continue;',
        replace: '',
      },
    ],
    red: {
      test: STATE_TEST,
      row: 'grants a retry when it is due, drops one whose n was granted, and survives repetition',
      because: 'to deeply equal',
    },
  },
  {
    name: 'returned-twice-granted-twice',
    breaks: ['G2', 'R21'],
    says: 'A return that is read again after a takeover grants its item again.',
    edits: [
      {
        file: `${SCHEDULER}/channel-state.ts`,
        find: 'if (queue && grant && (Number.isNaN(grant.tag) || grant.tag === attempt.tag)) this.givenBack(queue, grant, now);',
        replace: 'if (queue && grant) this.givenBack(queue, grant, now);',
      },
    ],
    red: { test: STATE_TEST, row: 'grants a returned item again under the same n, once per return', because: 'to deeply equal' },
  },
  {
    name: 'given-up-untold',
    breaks: ['G1', 'R22'],
    says: 'The ledger is not told that nobody answers what it still waits for.',
    edits: [
      {
        file: `${SCHEDULER}/channel-state.ts`,
        find: 'this.settle(grant);\n    this.closeAgain(queue);',
        replace: 'this.settle(grant);',
      },
    ],
    red: { test: STATE_TEST, row: 'ends at expiry, gives up what nobody answered after the slack', because: 'to deeply equal' },
  },
  {
    name: 'old-decision-wins',
    breaks: ['R43'],
    says: 'A pause that was overtaken by its resume holds the campaign.',
    edits: [
      {
        file: `${SCHEDULER}/channel-state.ts`,
        find: 'if (version < queue.controlVersion && value.reason !== EXPANSION) return;',
        replace: '',
      },
    ],
    red: { test: STATE_TEST, row: 'ignores a decision older than the one it knows', because: 'to be greater than' },
  },
  {
    name: 'expansion-unguarded',
    breaks: ['G21'],
    says: 'An audience that has grown to any size since its preview is sent to.',
    edits: [
      {
        file: 'services/routing/src/planner/expansion-guard.ts',
        find: 'const MAX_EXPANSION = 3;',
        replace: 'const MAX_EXPANSION = Infinity;',
      },
    ],
    red: {
      test: 'services/routing/src/planner/plan-queue.unit.test.ts',
      row: 'three times the approved estimate',
      because: 'to be 300',
    },
  },
];
