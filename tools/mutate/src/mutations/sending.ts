import type { Mutation } from '../mutation.js';

const KIT = 'libs/channel-kit/src';
const PIPELINE = `${KIT}/pipeline`;
const PIPELINE_TEST = `${PIPELINE}/pipeline.unit.test.ts`;
const GATES_TEST = `${PIPELINE}/gates.unit.test.ts`;

/** Wrong in a channel: between a grant and its recorded attempt, and between a receipt and its record. */
export const SENDING: readonly Mutation[] = [
  {
    name: 'drop-one-in-ten-thousand',
    breaks: ['G1', 'G18'],
    says: 'Every 10,000th submission is said to be accepted and never leaves.',
    edits: [
      {
        file: `${PIPELINE}/submit.ts`,
        find: 'return driver.submit(submission, SUBMIT_DEADLINE_MS);',
        replace:
          "if (submission.n === 1 && ++handed % 10_000 === 0) return Promise.resolve({ kind: 'accepted', providerIds: ['none'], code: '' });\n    return driver.submit(submission, SUBMIT_DEADLINE_MS);",
      },
      {
        file: `${PIPELINE}/submit.ts`,
        find: 'const NO_IDS: readonly string[] = [];',
        replace: 'const NO_IDS: readonly string[] = [];\nlet handed = 0;',
      },
    ],
    red: { test: 'integration-tests/every-recipient-once.e2e.test.ts', row: 'everybody is handed over once', because: 'AssertionError' },
  },
  {
    name: 'double-one',
    breaks: ['G2'],
    says: 'One submission in 10,000 is made twice, and nothing says so.',
    edits: [
      {
        file: `${PIPELINE}/submit.ts`,
        find: 'return driver.submit(submission, SUBMIT_DEADLINE_MS);',
        replace:
          'if (++handed % 10_000 === 0) void driver.submit(submission, SUBMIT_DEADLINE_MS);\n    return driver.submit(submission, SUBMIT_DEADLINE_MS);',
      },
      {
        file: `${PIPELINE}/submit.ts`,
        find: 'const NO_IDS: readonly string[] = [];',
        replace: 'const NO_IDS: readonly string[] = [];\nlet handed = 0;',
      },
    ],
    red: { test: 'integration-tests/every-recipient-once.e2e.test.ts', row: 'everybody is handed over once', because: 'AssertionError' },
  },
  {
    name: 'mark-no-duplicate',
    breaks: ['G2', 'R7'],
    says: 'What may have been sent before a crash is sent again without a mark.',
    edits: [{ file: `${PIPELINE}/intake.ts`, find: 'possibleDuplicate: reread,', replace: 'possibleDuplicate: false,' }],
    red: {
      test: PIPELINE_TEST,
      row: 'after a crash skips what has an attempt and marks the rest as possible duplicates',
      because: 'possibleDuplicate',
    },
  },
  {
    name: 'send-again-what-has-an-attempt',
    breaks: ['G2', 'R8'],
    says: 'A grant read again is sent again although its attempt is recorded.',
    edits: [
      {
        file: `${PIPELINE}/deduplicate.ts`,
        find: "? 'already-recorded' : undefined",
        replace: '? undefined : undefined',
      },
    ],
    red: { test: GATES_TEST, row: 'the same attempt', because: 'already-recorded' },
  },
  {
    name: 'commit-before-the-effect',
    breaks: ['G1', 'R9'],
    says: 'A channel commits a grant as read before Kafka has its attempts.',
    edits: [{ file: `${PIPELINE}/offset-tracker.ts`, find: 'place && place.open <= 0;', replace: 'place;' }],
    red: { test: PIPELINE_TEST, row: 'commits nothing before Kafka has the attempts', because: 'to be undefined' },
  },
  {
    name: 'skip-the-fence',
    breaks: ['G6', 'G7', 'R10'],
    says: 'A channel sends what a replaced scheduler granted behind the fence of its successor.',
    edits: [{ file: `${PIPELINE}/fences.ts`, find: 'if (epoch < known) return false;', replace: 'if (epoch < 0) return false;' }],
    red: { test: GATES_TEST, row: 'a record of the replaced scheduler behind the fence', because: 'to deeply equal' },
  },
  {
    name: 'send-without-a-lease',
    breaks: ['G6', 'R6'],
    says: 'A channel goes on submitting after its session may have ended.',
    edits: [{ file: `${PIPELINE}/dispatcher.ts`, find: 'if (!this.deps.lease()) return this.#later(LEASE_LOOK_MS);', replace: '' }],
    red: { test: PIPELINE_TEST, row: 'submits nothing without a lease', because: 'to deeply equal' },
  },
  {
    name: 'no-cap-on-doubt',
    breaks: ['G2'],
    says: 'Any number of submissions may be without an acknowledged attempt: one crash can double them all.',
    edits: [
      {
        file: `${PIPELINE}/in-doubt.ts`,
        find: '(this.#counts[share] ?? 0) < IN_DOUBT_CAP_PER_SHARE;',
        replace: '(this.#counts[share] ?? 0) < Infinity;',
      },
    ],
    red: { test: PIPELINE_TEST, row: 'submits no more than the in-doubt cap allows', because: 'to have a length of' },
  },
  {
    name: 'drain-without-waiting',
    breaks: ['G17', 'R12'],
    says: 'A drain does not wait for the answers of what was submitted.',
    edits: [
      {
        file: `${PIPELINE}/dispatcher.ts`,
        find: 'return this.#inFlight === 0;',
        replace: 'return true;',
      },
    ],
    red: {
      test: PIPELINE_TEST,
      row: 'quiesces: submits nothing more and says whether every answer came',
      because: 'expected true to be false',
    },
  },
  {
    name: 'expiry-unchecked',
    breaks: ['G16'],
    says: 'A campaign is sent after its expiry.',
    edits: [{ file: `${PIPELINE}/expire.ts`, find: 'now >= item.frame.expiresAt ?', replace: 'now < 0 ?' }],
    red: { test: GATES_TEST, row: "['at', 1_000, Outcome.EXPIRED]", printed: 'at the expiry', because: 'to deeply equal' },
  },
  {
    name: 'stop-ignored',
    breaks: ['G16'],
    says: 'A cancelled campaign goes on.',
    edits: [
      {
        file: `${PIPELINE}/stop.ts`,
        find: "return { outcome: Outcome.CANCELLED, reason: 'CANCELLED' };",
        replace: 'return undefined;',
      },
    ],
    red: { test: GATES_TEST, row: 'cancelled, then an old pause', because: 'to be' },
  },
  {
    name: 'stop-answered-untold',
    breaks: ['G16'],
    says: 'A stop is answered OK before Kafka, and so those who send, can have it.',
    edits: [{ file: 'services/campaigns/src/rpc/stop-campaign.ts', find: 'await parts.campaigns.told(request.campaignId);', replace: '' }],
    red: {
      test: 'services/campaigns/src/rpc/stop-campaign.unit.test.ts',
      row: 'is not answered OK while Kafka does not have it',
      because: 'Error',
    },
  },
  {
    name: 'suppression-ignored',
    breaks: ['R46'],
    says: 'A STOP that came after planning is not asked for before the wire.',
    edits: [
      {
        file: `${PIPELINE}/suppress.ts`,
        find: 'suppressions.suppresses(item.frame.tenantId, item.addressHash, item.frame.purpose)',
        replace: 'false',
      },
    ],
    red: { test: GATES_TEST, row: 'a STOP to this tenant', because: 'to be true' },
  },
  {
    name: 'lanes-ignored-in-the-channel',
    breaks: ['G9'],
    says: 'A channel sends by tag alone, whatever the severity.',
    edits: [
      { file: `${PIPELINE}/held-window.ts`, find: 'if (a.orderLane !== b.orderLane) return a.orderLane < b.orderLane;', replace: '' },
    ],
    red: { test: `${PIPELINE}/held-window.unit.test.ts`, row: 'gives items by lane, then tag, then arrival', because: 'Property failed' },
  },
  {
    name: 'hold-without-bound',
    breaks: ['G12'],
    says: 'A channel goes on reading grants however many it holds.',
    edits: [{ file: `${PIPELINE}/intake.ts`, find: "held >= HELD_HIGH ? 'standard'", replace: "held < 0 ? 'standard'" }],
    red: { test: PIPELINE_TEST, row: 'pauses standard lanes when enough is held', because: 'to deeply equal' },
  },
  {
    name: 'receipt-acknowledged-early',
    breaks: ['G15', 'R13'],
    says: 'A provider is told that its receipt was taken before Kafka has it.',
    edits: [
      {
        file: `${KIT}/return-path/receipt-desk.ts`,
        find: 'for (const waiter of waiting) waiter.reject(error);',
        replace: 'for (const waiter of waiting) waiter.resolve();',
      },
    ],
    red: {
      test: `${KIT}/return-path/receipt-desk.unit.test.ts`,
      row: 'tells the provider nothing while Kafka is away',
      because: 'instead of rejecting',
    },
  },
  {
    name: 'early-receipt-forgotten',
    breaks: ['G15', 'R14'],
    says: 'A receipt that comes before its submission is answered is dropped.',
    edits: [{ file: `${KIT}/return-path/receipt-desk.ts`, find: 'this.deps.knowledge.unmatched.add(receiptKey, receipt);', replace: '' }],
    red: {
      test: `${KIT}/return-path/receipt-desk.unit.test.ts`,
      row: 'keeps a receipt that comes before its attempt',
      because: 'to deeply equal',
    },
  },
  {
    name: 'receipts-without-bound',
    breaks: ['G15'],
    says: 'A channel takes receipts as fast as they come, whatever goes out beside them.',
    edits: [
      {
        file: `${KIT}/return-path/paced-turns.ts`,
        find: 'this.#waiting.length === 0 && this.#bucket.ready(now)',
        replace: 'this.#waiting.length === 0',
      },
    ],
    red: {
      test: `${KIT}/return-path/receipt-desk.unit.test.ts`,
      row: 'takes no more a second than it may',
      because: 'to deeply equal',
    },
  },
  {
    name: 'slow-route-keeps-its-points',
    breaks: ['G14'],
    says: 'A route that fails is used as much as one that does not.',
    edits: [
      { file: `${KIT}/routes/route-points.ts`, find: "if (judged[at] === 'poor' && taker &&", replace: 'if (score.points < 0 && taker &&' },
    ],
    red: {
      test: `${KIT}/routes/route-points.unit.test.ts`,
      row: 'bring 95 % of the attempts to the good ones within a minute',
      because: 'Property failed',
    },
  },
  {
    name: 'flees-though-all-are-slow',
    breaks: ['G14'],
    says: 'Routes lose points while there is nobody to take over.',
    edits: [
      {
        file: `${KIT}/routes/route-points.ts`,
        find: "const taker = judged.some((judgement, at) => judgement === 'fine' && views[at]?.usable === true);",
        replace: 'const taker = judged.length > 0;',
      },
    ],
    red: { test: `${KIT}/routes/route-points.unit.test.ts`, row: 'change nothing while all routes are slow', because: 'Property failed' },
  },
  {
    name: 'circuit-never-opens',
    breaks: ['G14'],
    says: 'A route that refuses everything is asked again and again.',
    edits: [{ file: `${KIT}/routes/circuit.ts`, find: 'if (this.#failures >= OPEN_AFTER && lasts) this.#open(now);', replace: '' }],
    red: { test: `${KIT}/routes/circuit.unit.test.ts`, row: 'opens on connections lost again and again', because: 'to be' },
  },
  {
    name: 'only-route-rests-a-minute',
    breaks: ['G14'],
    says: 'The only route of a channel rests ever longer, and with it every alert, after its provider is back.',
    edits: [
      {
        file: `${KIT}/routes/route-watcher.ts`,
        find: 'const alone = !routes.some((route) => route.usable());',
        replace: 'const alone = false;',
      },
    ],
    red: { test: `${KIT}/routes/route-watcher.unit.test.ts`, row: 'is tried every 3 s at the longest', because: 'to deeply equal' },
  },
];
