import type { Mutation } from '../mutation.js';

const ROUTING = 'services/routing/src';
const TAKEOVER_TEST = `${ROUTING}/scheduler/takeover.int.test.ts`;
const RESTART_TEST = `${ROUTING}/planner/planning-restart.int.test.ts`;
const LEDGER = 'services/deliveries/src/ledger';
const LEDGER_TEST = `${LEDGER}/recovery.unit.test.ts`;

/** A step of a recovery left out (docs/recovery.md). */
export const RECOVERING: readonly Mutation[] = [
  {
    name: 'epoch-claimed-twice',
    breaks: ['G7', 'R15'],
    says: 'Two schedulers take the same epoch.',
    edits: [
      {
        file: `${ROUTING}/scheduler/checkpoint-store.ts`,
        find: 'if (!(await this.epochs.insert({ _id: `${channel}:${epoch}`, v: 1, instance, at: now }))) continue;',
        replace: 'await this.epochs.insert({ _id: `${channel}:${epoch}`, v: 1, instance, at: now });',
      },
    ],
    red: { test: TAKEOVER_TEST, row: 'gives two owners that come at once two epochs', because: 'to be 2' },
  },
  {
    name: 'fence-without-epoch',
    breaks: ['G6', 'R16'],
    says: 'A new owner fences with an epoch that stops nobody.',
    edits: [
      {
        file: `${ROUTING}/scheduler/grant-records.ts`,
        find: "'tocsin.routing.v1.Fence', { channel, epoch }, { tenantId: '', occurredAt: now, epoch }, share)",
        replace: "'tocsin.routing.v1.Fence', { channel, epoch: 0 }, { tenantId: '', occurredAt: now, epoch: 0 }, share)",
      },
    ],
    red: { test: TAKEOVER_TEST, row: 'gives two owners that come at once two epochs', because: 'to deeply equal' },
  },
  {
    name: 'void-grants-replayed',
    breaks: ['G2', 'R17'],
    says: 'A new owner takes what was written behind a fence for granted.',
    edits: [{ file: `${ROUTING}/scheduler/takeover.ts`, find: 'if (envelope.epoch < fence) continue;', replace: '' }],
    red: { test: TAKEOVER_TEST, row: 'what an older owner writes behind it is void', because: 'to deeply equal' },
  },
  {
    name: 'grants-not-replayed',
    breaks: ['G2', 'R17'],
    says: 'A new owner starts from the checkpoint and forgets what was granted since.',
    edits: [{ file: `${ROUTING}/scheduler/takeover.ts`, find: 'if (start >= end) continue;', replace: 'if (end >= 0) continue;' }],
    red: { test: TAKEOVER_TEST, row: 'what was granted before the fence is outstanding for the next owner', because: 'to deeply equal' },
  },
  {
    name: 'checkpoint-unguarded',
    breaks: ['G7', 'R19'],
    says: 'A scheduler that was replaced writes over the checkpoint of its successor.',
    edits: [
      {
        file: `${ROUTING}/scheduler/checkpoint-store.ts`,
        find: 'return next.v === 0 ? this.checkpoints.insert({ ...next, v: 1 }) : this.checkpoints.replace(next);',
        replace: 'return (next.v === 0 ? await this.checkpoints.insert({ ...next, v: 1 }) : await this.checkpoints.replace(next)) || true;',
      },
    ],
    red: { test: TAKEOVER_TEST, row: 'a checkpoint is written by one owner', because: 'expected true to be false' },
  },
  {
    name: 'grant-before-answers',
    breaks: ['R18'],
    says: 'A new owner grants before it has read what was answered since the checkpoint.',
    edits: [
      { file: `${ROUTING}/scheduler/channel-scheduler.ts`, find: 'await this.attempts.caughtUp(CATCH_UP_DEADLINE_MS);', replace: '' },
    ],
    red: { test: TAKEOVER_TEST, row: 'what was answered since the checkpoint is known before the first grant', because: 'to deeply equal' },
  },
  {
    name: 'open-plans-forgotten',
    breaks: ['G1', 'R24'],
    says: 'A plan whose process died is taken up by nobody.',
    edits: [
      {
        file: `${ROUTING}/planner/release-intake.ts`,
        find: 'if (mine(open._id)) this.deps.planner.add({ ...open, campaignId: open._id });',
        replace: '{}',
      },
    ],
    red: { test: RESTART_TEST, row: 'a release taken up by a process that died is planned', because: 'the plan is closed' },
  },
  {
    name: 'plan-without-marker',
    breaks: ['G1', 'R24'],
    says: 'A plan that is taken up stands in no list of open ones.',
    edits: [
      {
        file: `${ROUTING}/planner/plan-store.ts`,
        find: 'this.open.insert({ _id: campaignId, v: 1, ...open })',
        replace: 'Promise.resolve(open)',
      },
    ],
    red: { test: RESTART_TEST, row: 'a release taken up by a process that died is planned', because: 'the plan is closed' },
  },
  {
    name: 'own-cut-announced',
    breaks: ['G1', 'G2', 'R25'],
    says: 'Who lost the insert of a slice announces its own cut of it.',
    edits: [
      {
        file: `${ROUTING}/planner/plan-run.ts`,
        find: 'const stored = mine ? document : await this.deps.store.slice(campaign.campaignId, this.slice);',
        replace: 'const stored = document;',
      },
    ],
    red: { test: RESTART_TEST, row: 'of two that cut the same slice differently one is stored', because: 'to deeply equal' },
  },
  {
    name: 'restart-from-the-first-page',
    breaks: ['G2', 'R26'],
    says: 'A plan that is resumed walks its audience from the start and numbers its slices on.',
    edits: [
      {
        file: `${ROUTING}/planner/plan-run.ts`,
        find: 'return new AudienceWalk(long ? longWalks : subscribers, campaign, wanted, this.stored.position, clock);',
        replace: "return new AudienceWalk(long ? longWalks : subscribers, campaign, wanted, '', clock);",
      },
    ],
    red: {
      test: RESTART_TEST,
      row: 'slices that were stored and never announced are announced as stored',
      because: 'to have a length of 700',
    },
  },
  {
    name: 'decided-end-untold',
    breaks: ['G18', 'R27'],
    says: 'The end of a plan that was decided by a process that died is told by nobody.',
    edits: [
      {
        file: `${ROUTING}/planner/plan-run.ts`,
        find: 'if (plan.closed) return this.close(plan.closed);\n    if (this.failure',
        replace: "if (plan.closed) return 'ended';\n    if (this.failure",
      },
    ],
    red: { test: RESTART_TEST, row: 'an end that was decided and never told is told again', because: 'the plan is closed' },
  },
  {
    name: 'halt-untold',
    breaks: ['G21', 'R28'],
    says: 'A halt that was stored by a process that died asks nobody.',
    edits: [{ file: `${ROUTING}/planner/plan-run.ts`, find: 'await this.sayHalted(release);\n      return', replace: 'return' }],
    red: { test: RESTART_TEST, row: 'a halt that was stored and never told is told again', because: 'its agents are asked' },
  },
  {
    name: 'lost-guard-taken-for-won',
    breaks: ['G1', 'R29'],
    says: 'An owner that lost the guard of a slice goes on as if it had written.',
    edits: [{ file: `${LEDGER}/write-slice.ts`, find: 'if (!won) {', replace: 'if (won === undefined) {' }],
    red: {
      test: LEDGER_TEST,
      row: 'who lost the guard reads what the other stored and folds its own facts again',
      because: 'to match object',
    },
  },
  {
    name: 'facts-lost-with-the-guard',
    breaks: ['G1', 'R29'],
    says: 'An owner that lost the guard takes the stored slice and forgets its own facts.',
    edits: [
      {
        file: `${LEDGER}/ledger-partition.ts`,
        find: 'for (const fact of facts) foldFact(resident.slice, fact, resident.part.part.closings, this.deps.rulesOf);',
        replace: '',
      },
    ],
    red: {
      test: LEDGER_TEST,
      row: 'who lost the guard reads what the other stored and folds its own facts again',
      because: 'to match object',
    },
  },
  {
    name: 'refused-round-is-no-progress',
    breaks: ['R51'],
    says: 'A ledger whose store is away counts as stuck and ends itself.',
    edits: [
      {
        file: `${LEDGER}/ledger.ts`,
        find: '{ error: String(error) });\n          this.progress += 1;',
        replace: '{ error: String(error) });',
      },
    ],
    red: {
      test: 'services/deliveries/src/ledger/ledger.unit.test.ts',
      row: 'stays alive while the store refuses it, and stores what it folded when the store is back',
      because: 'to be greater than',
    },
  },
  {
    name: 'older-counts-over-newer',
    breaks: ['G1', 'R50'],
    says: 'An owner that lost the guard of a part puts the counts it remembers over those of slices another has gone on with.',
    edits: [{ file: `${LEDGER}/write-part.ts`, find: 'await countAgain(resident, store);', replace: 'void countAgain;' }],
    red: {
      test: LEDGER_TEST,
      row: 'one that was away between a slice and its part does not put its older counts over what the other told since',
      because: 'to match object',
    },
  },
  {
    name: 'ledger-commits-before-the-slice',
    breaks: ['G1', 'R30'],
    says: 'The ledger commits facts whose slice is not stored.',
    edits: [
      {
        file: `${LEDGER}/ledger-partition.ts`,
        find: 'for (const fact of resident.pending) owe(fact.topic, fact.offset);',
        replace: '',
      },
      {
        file: `${LEDGER}/flusher.ts`,
        find: 'for (const { resident } of written) tallyFailed(resident, clock.monotonic());',
        replace: 'await this.commit(partitions);',
      },
    ],
    red: { test: LEDGER_TEST, row: 'is not committed while its slice is not stored', because: 'AssertionError' },
  },
  {
    name: 'ledger-commits-before-the-tally',
    breaks: ['G18', 'R30'],
    says: 'The ledger commits facts whose counts have not left.',
    edits: [
      { file: `${LEDGER}/write-slice.ts`, find: 'for (const fact of facts) hold(part.holds, fact.topic, fact.offset);', replace: '' },
      {
        file: `${LEDGER}/flusher.ts`,
        find: 'for (const { resident } of written) tallyFailed(resident, clock.monotonic());',
        replace: 'await this.commit(partitions);',
      },
    ],
    red: { test: LEDGER_TEST, row: 'is not committed while its tally has not left', because: 'AssertionError' },
  },
  {
    name: 'known-fact-tells-nothing',
    breaks: ['G18', 'R32'],
    says: 'A fact that the stored slice holds already emits no tally, though nobody knows whether one ever left.',
    edits: [
      {
        file: `${LEDGER}/ledger-partition.ts`,
        find: 'part.touched.add(slice.number);\n    }\n    this.holdPart(part, fact.topic, fact.offset);',
        replace: '}',
      },
    ],
    red: {
      test: LEDGER_TEST,
      row: 'after slice and part were stored: the facts read again tell the same counts again',
      because: 'AssertionError',
    },
  },
  {
    name: 'part-before-its-marker',
    breaks: ['G1', 'R33'],
    says: 'A part is stored before the marker that lets its next owner find its timers.',
    edits: [
      { file: `${LEDGER}/write-part.ts`, find: 'if (watched && !resident.marked) await mark(resident, store);', replace: '' },
      {
        file: `${LEDGER}/write-part.ts`,
        find: 'if (!won) {',
        replace: 'if (won && watched && !resident.marked) await mark(resident, store);\n    if (!won) {',
      },
    ],
    red: { test: LEDGER_TEST, row: 'never between a part and its marker', because: 'to deeply equal' },
  },
  {
    name: 'timers-sleep-after-a-takeover',
    breaks: ['G1', 'R33'],
    says: 'A new owner reads none of the parts that were left open: their timers never fire.',
    edits: [
      {
        file: `${LEDGER}/ledger-partition.ts`,
        find: 'const own = markers.filter((marker) => marker.partition === this.partition);',
        replace: 'const own = markers.slice(0, 0);',
      },
    ],
    red: {
      test: LEDGER_TEST,
      row: 'after a timer fired and before Kafka had its due: the next owner asks again',
      because: 'to match object',
    },
  },
  {
    name: 'finish-lost-between-two-writes',
    breaks: ['G18', 'R38'],
    says: 'A campaign whose complete tally was stored and whose end was not is never finished.',
    edits: [
      {
        file: 'services/campaigns/src/tallies/store-tally.ts',
        find: 'if (!merged && (!stored || stored.finished || !isComplete(partsOf(stored)))) return false;',
        replace: 'if (!merged) return false;',
      },
    ],
    red: {
      test: 'services/campaigns/src/tallies/store-tally.int.test.ts',
      row: 'the same part read again ends it, once',
      because: 'to be 6',
    },
  },
  {
    name: 'schedule-sleeps-with-its-process',
    breaks: ['G1', 'R39'],
    says: 'A start at a time is noted only in the process that was asked for it.',
    edits: [{ file: 'services/campaigns/src/schedule/scheduler.ts', find: 'await this.deps.markers.insert(marker);', replace: '' }],
    red: {
      test: 'services/campaigns/src/campaigns.int.test.ts',
      row: 'starts a scheduled campaign once at its time, though the instance that scheduled it was killed',
      because: 'started',
    },
  },
  {
    name: 'claim-never-healed',
    breaks: ['R44'],
    says: 'An address claimed by an import that died belongs to nobody for ever.',
    edits: [
      {
        file: 'services/subscribers/src/importing/chunk-writer.ts',
        find: 'for (const { place = 0, rows } of targets) {',
        replace:
          'for (const { place = 0, rows, kindsBefore } of targets) {\n    if (kindsBefore > 0 && !contacts.has(slotOf(place))) continue;',
      },
    ],
    red: {
      test: 'services/subscribers/src/importing/claims-healed.int.test.ts',
      row: 'the next import writes the contact into the place claimed',
      because: 'to match object',
    },
  },
  {
    name: 'stop-told-once',
    breaks: ['R45'],
    says: 'A STOP that is stored already is told to nobody when its reply is read again.',
    edits: [
      {
        file: 'services/subscribers/src/suppressions/suppressions.ts',
        find: 'decided.set(key, standing.get(key) ?? after);',
        replace: 'if (changed) decided.set(key, standing.get(key) ?? after);',
      },
    ],
    red: {
      test: 'services/subscribers/src/suppressions/suppressions.int.test.ts',
      row: 'is told by who reads the reply again',
      because: 'to deeply equal',
    },
  },
];
