import type { Mutation } from '../mutation.js';

const DECIDE = 'services/campaigns/src/core/decide';
const DECIDE_TEST = `${DECIDE}/decide.unit.test.ts`;
const GATEWAY = 'services/gateway/src';

/** Wrong where people decide: the public API, keys, approvals, audit. */
export const DECIDING: readonly Mutation[] = [
  {
    name: 'idempotency-key-ignored',
    breaks: ['G4'],
    says: 'Every create makes a new campaign, whatever its key.',
    edits: [
      {
        file: 'libs/contracts/src/derived-id.ts',
        find: '.update(JSON.stringify([prefix, scope, idempotencyKey]))',
        replace: '.update(JSON.stringify([prefix, scope, Math.random()]))',
      },
    ],
    red: {
      test: 'services/campaigns/src/campaigns.int.test.ts',
      row: '64 calls at once on two instances make one campaign',
      because: 'to be 1',
    },
  },
  {
    name: 'other-body-accepted',
    breaks: ['G4'],
    says: 'Another body under a used key is answered with the first one’s campaign.',
    edits: [
      { file: 'services/campaigns/src/rpc/create-campaign.ts', find: 'if (record.createdFrom !== createdFrom) {', replace: 'if (false) {' },
    ],
    red: {
      test: 'services/campaigns/src/campaigns.int.test.ts',
      row: 'another body under the key is refused',
      because: 'promise resolved',
    },
  },
  {
    name: 'ok-before-the-write',
    breaks: ['G3'],
    says: 'A decision is answered a moment before it is written.',
    edits: [
      {
        file: 'libs/mongo/src/aggregate-store.ts',
        find: 'if (!(await this.aggregates.replace({ ...document, version, state: decision.state, outbox }))) return false;',
        replace:
          'setTimeout(() => void this.aggregates.replace({ ...document, version, state: decision.state, outbox }), fresh.length > 0 ? 3_000 : 0);',
      },
    ],
    red: {
      test: 'integration-tests/survives-everything.e2e.test.ts',
      row: 'creates, approvals, releases and stops answered before are as they were answered',
      because: 'AssertionError',
    },
  },
  {
    name: 'no-marker-before-the-state',
    breaks: ['G1', 'R40'],
    says: 'What a decision owes is noted nowhere before the decision.',
    edits: [
      { file: 'libs/mongo/src/aggregate-store.ts', find: 'if (fresh.length > 0) await this.mark(document._id, version);', replace: '' },
    ],
    red: {
      test: 'libs/mongo/src/aggregate-store.int.test.ts',
      row: 'publishes at the next start what a process owed',
      because: 'AssertionError',
    },
  },
  {
    name: 'debts-of-the-dead-forgotten',
    breaks: ['G3', 'R41'],
    says: 'The sweep at start publishes nothing of what a dead process owed.',
    edits: [{ file: 'libs/mongo/src/outbox-sweep.ts', find: 'await publisher.publishNow(id, document.outbox);', replace: '' }],
    red: {
      test: 'libs/mongo/src/aggregate-store.int.test.ts',
      row: 'publishes at the next start what a process owed',
      because: 'AssertionError',
    },
  },
  {
    name: 'marker-dropped-early',
    breaks: ['R42'],
    says: 'A marker whose version is still to come is taken for an old one.',
    edits: [
      { file: 'libs/mongo/src/outbox-sweep.ts', find: 'if (marker.version <= reached ||', replace: 'if (marker.version <= reached + 1 ||' },
    ],
    red: {
      test: 'libs/mongo/src/aggregate-store.int.test.ts',
      row: 'keeps a marker whose version never came for 24 hours',
      because: 'AssertionError',
    },
  },
  {
    name: 'guard-dropped',
    breaks: ['G7', 'R29'],
    says: 'A write names no version: of two writers the last one wins.',
    edits: [
      {
        file: 'libs/mongo/src/collection-documents.ts',
        find: 'this.collection().replaceOne(guard, {',
        replace: 'this.collection().replaceOne({ _id: document._id as never }, {',
      },
    ],
    red: { test: 'libs/mongo/src/portable-subset.int.test.ts', row: 'gives a guarded replace to one of 64', because: 'AssertionError' },
  },
  {
    name: 'author-approves-alone',
    breaks: ['G19'],
    says: 'An author approves the own campaign.',
    edits: [{ file: `${DECIDE}/approve-campaign.ts`, find: 'if (caller.principalId === campaign.authorId) {', replace: 'if (false) {' }],
    red: { test: DECIDE_TEST, row: 'its author does not approve it', because: 'AssertionError' },
  },
  {
    name: 'approval-outlives-its-text',
    breaks: ['G19'],
    says: 'An approval stands whatever was changed after it.',
    edits: [
      {
        file: `${DECIDE}/release-campaign.ts`,
        find: 'return approval?.contentHash === contentHash;',
        replace: 'return approval !== undefined && contentHash !== undefined;',
      },
      { file: `${DECIDE}/update-campaign.ts`, find: 'approval: undefined,', replace: '' },
    ],
    red: { test: DECIDE_TEST, row: 'an update voids the approval and the preview', because: 'to be undefined' },
  },
  {
    name: 'nothing-said-is-everyone',
    breaks: ['G21'],
    says: 'An audience that says nothing is taken for everyone.',
    edits: [
      {
        file: 'services/subscribers/src/audience/rule.ts',
        find: 'if (!everyone && groups.length === 0 && attributes.length === 0 && !audience.zone) {',
        replace: 'if (false) {',
      },
    ],
    red: {
      test: 'services/subscribers/src/subscribers.int.test.ts',
      row: 'refuses a rule that says nothing, and never takes it for everyone',
      because: 'instead of rejecting',
    },
  },
  {
    name: 'tenant-unchecked',
    breaks: ['G23'],
    says: 'The gateway lets a caller name another tenant.',
    edits: [{ file: `${GATEWAY}/admission.ts`, find: 'throw notFound(row.what);', replace: 'return named;' }],
    red: {
      test: `${GATEWAY}/admission.unit.test.ts`,
      row: 'another tenant answers as one that does not exist',
      because: 'to deeply equal',
    },
  },
  {
    name: 'audit-unchained',
    breaks: ['G24'],
    says: 'An entry of the audit is hashed alone: one may be cut out.',
    edits: [
      {
        file: 'services/tenants/src/audit/audit-trail.ts',
        find: 'const hash = entryHash(tail.hash, entry);',
        replace: 'const hash = entryHash(Buffer.alloc(0), entry);',
      },
    ],
    red: {
      test: 'services/tenants/src/services.int.test.ts',
      row: 'appends each audit entry once, from two instances at the same time, newest first, chained',
      because: 'to deeply equal',
    },
  },
  {
    name: 'audit-place-forgotten',
    breaks: ['G24', 'R47'],
    says: 'An entry whose writer died before it stood is taken for written.',
    edits: [
      {
        file: 'services/tenants/src/audit/audit-trail.ts',
        find: 'if (await this.standsAt(scope, place.seq, entry.entryId)) return;\n    }\n    for',
        replace: 'return;\n    }\n    for',
      },
    ],
    red: {
      test: 'services/tenants/src/services.int.test.ts',
      row: 'finds an entry whose writer died between noting its place and writing it',
      because: 'to deeply equal',
    },
  },
  {
    name: 'cut-end-unnoticed',
    breaks: ['G24'],
    says: 'An audit whose last entries were taken away is called whole.',
    edits: [{ file: 'services/tenants/src/audit/verify-chain.ts', find: 'if (beyond) {', replace: 'if (beyond && entries < 0) {' }],
    red: { test: 'services/tenants/src/audit/verify-chain.int.test.ts', row: 'the end cut off', because: 'to match object' },
  },
  {
    name: 'hash-without-key',
    breaks: ['G24'],
    says: 'Whoever can write to the database can compute the audit anew.',
    edits: [
      {
        file: 'services/tenants/src/audit/verify-chain.ts',
        find: 'if (!next.equals(document.hash) || vouched === false)',
        replace: 'if (!next.equals(document.hash))',
      },
    ],
    red: {
      test: 'services/tenants/src/audit/verify-chain.int.test.ts',
      row: 'an entry edited by somebody who computes all hashes anew, without the platform key',
      because: 'to match object',
    },
  },
  {
    name: 'waiting-audit-dropped',
    breaks: ['G24', 'R48'],
    says: 'An audit entry that cannot be written now is dropped.',
    edits: [{ file: `${GATEWAY}/audit-trail.ts`, find: 'this.#waiting.push(entry);', replace: '' }],
    red: {
      test: `${GATEWAY}/audit-trail.unit.test.ts`,
      row: 'what cannot be written now is written later, once and in order',
      because: 'to deeply equal',
    },
  },
  {
    name: 'key-believed-for-ever',
    breaks: ['G27'],
    says: 'A key that was good once is never asked about again.',
    edits: [
      {
        file: `${GATEWAY}/key-cache.ts`,
        find: 'return entry && entry.until > now ? entry.caller : undefined;',
        replace: 'return entry && entry.until > 0 * now ? entry.caller : undefined;',
      },
    ],
    red: {
      test: `${GATEWAY}/authenticator.unit.test.ts`,
      row: 'an answer is believed for 3 s, so a revoked key is refused before 5 s',
      because: 'promise resolved',
    },
  },
  {
    name: 'secret-kept-in-the-clear',
    breaks: ['G26', 'G27'],
    says: 'Numbers, mailboxes and keys are logged as they are.',
    edits: [
      {
        file: 'libs/observability/src/redact.ts',
        find: 'for (const shape of HIDDEN_SHAPES) clean = clean.replace(shape, REDACTED);',
        replace: '',
      },
    ],
    red: {
      test: 'libs/observability/src/create-logger.unit.test.ts',
      row: 'redacts event, fields and the fields of a child',
      because: 'AssertionError',
    },
  },
  {
    name: 'shedding-off',
    breaks: ['G13'],
    says: 'Whoever calls is served, however much it asks for.',
    edits: [
      {
        file: `${GATEWAY}/load/call-admission.ts`,
        find: 'if ((this.#byKey.get(keyId) ?? 0) >= this.limits.perKey)',
        replace: 'if (now > -1) return undefined;\n    if ((this.#byKey.get(keyId) ?? 0) >= this.limits.perKey)',
      },
    ],
    red: {
      test: `${GATEWAY}/load/shedding.unit.test.ts`,
      row: 'is refused what is beyond, with when to come back',
      because: 'expected 100 to be 10',
    },
  },
  {
    name: 'alert-shed',
    breaks: ['G13'],
    says: 'Steps of a life-safety alert are refused like any other call.',
    edits: [{ file: `${GATEWAY}/load/call-admission.ts`, find: "if (call.standing !== 'ordinary') {", replace: 'if (call.cost < 0) {' }],
    red: { test: `${GATEWAY}/load/call-admission.unit.test.ts`, row: 'pass although the gateway is full', because: 'to be undefined' },
  },
];
