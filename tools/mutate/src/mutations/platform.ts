import type { Mutation } from '../mutation.js';

const KAFKA = 'libs/kafka/src';

/** Wrong in what all services stand on: groups, dead letters, liveness, records of other releases. */
export const PLATFORM: readonly Mutation[] = [
  {
    name: 'poison-tried-for-ever',
    breaks: ['G10', 'R49'],
    says: 'A record that cannot be handled is tried again and again, and everything behind it waits.',
    edits: [
      {
        file: `${KAFKA}/middleware/retry-batch.ts`,
        find: 'if (!passing && ++failed >= tries) return error;',
        replace: 'if (!passing && ++failed >= tries * 1e6) return error;',
      },
    ],
    red: {
      test: `${KAFKA}/middleware/retry-batch.unit.test.ts`,
      row: 'buries only the record that fails, in less than 2 s',
      because: 'timed out',
    },
  },
  {
    name: 'neighbours-buried-too',
    breaks: ['G1', 'G10', 'R49'],
    says: 'A whole batch is given up for one record in it.',
    edits: [
      {
        file: `${KAFKA}/middleware/retry-batch.ts`,
        find: 'const error = batch.records.length === 1 ? failure :',
        replace: 'const error = batch.records.length >= 1 ? failure :',
      },
    ],
    red: {
      test: `${KAFKA}/middleware/retry-batch.unit.test.ts`,
      row: 'buries only the record that fails, in less than 2 s',
      because: 'AssertionError',
    },
  },
  {
    name: 'store-away-is-poison',
    breaks: ['G1', 'R49'],
    says: 'Records are given up while something their handler needs is away.',
    edits: [
      {
        file: `${KAFKA}/middleware/retry-batch.ts`,
        find: 'return error instanceof TocsinError && RETRY_RULE[error.code].retryable;',
        replace: 'return error === undefined;',
      },
    ],
    red: {
      test: `${KAFKA}/middleware/retry-batch.unit.test.ts`,
      row: 'waits out what passes by itself and gives no record up for it',
      because: 'AssertionError',
    },
  },
  {
    name: 'letter-keeps-the-address',
    breaks: ['G26'],
    says: 'A dead letter keeps the key of a reply, which is the hash of a number.',
    edits: [
      {
        file: `${KAFKA}/middleware/bury-records.ts`,
        find: "const key = KEYED_BY_ADDRESS.includes(dead.topic) ? '' : dead.key;",
        replace: 'const key = dead.key;',
      },
    ],
    red: {
      test: 'integration-tests/poison.int.test.ts',
      row: '$service puts a damaged record of $topic aside with its reason',
      printed: 'subscribers puts a damaged record of inbound.replies.v1 aside',
      because: 'to deeply equal',
    },
  },
  {
    name: 'progress-watch-off',
    breaks: ['G11'],
    says: 'A process that does nothing with its work is alive for ever.',
    edits: [{ file: 'libs/service-kit/src/progress-watch.ts', find: 'return now - watch.at >= PROGRESS_LIMIT;', replace: 'return false;' }],
    red: { test: 'libs/service-kit/src/progress-watch.unit.test.ts', row: 'work pending and nothing moves', because: 'to be 15' },
  },
  {
    name: 'stopped-clock-counts',
    breaks: ['G11'],
    says: 'A process that was frozen ends itself as soon as it wakes.',
    edits: [{ file: 'libs/service-kit/src/progress-watch.ts', find: 'if (stopped || !watch.pending()', replace: 'if (!watch.pending()' }],
    red: {
      test: 'libs/service-kit/src/progress-watch.unit.test.ts',
      row: 'does not count the time in which this process itself was stopped',
      because: 'to deeply equal',
    },
  },
  {
    name: 'partitions-apart',
    breaks: ['G7', 'R1'],
    says: 'Partition k of two topics may belong to two processes.',
    edits: [
      {
        file: `${KAFKA}/assigners.ts`,
        find: 'const owner = owners.get(number);',
        replace: 'const owner = owners.get((number + topic.charCodeAt(0)) % numbers.length);',
      },
    ],
    red: {
      test: `${KAFKA}/assigners.unit.test.ts`,
      row: 'gives every partition once, k of every topic to one member',
      because: 'Property failed',
    },
  },
  {
    name: 'lease-for-ever',
    breaks: ['G6', 'R2'],
    says: 'A member whose broker is away believes to own its partitions for as long as nobody says otherwise.',
    edits: [
      {
        file: `${KAFKA}/group-membership.ts`,
        find: 'return performance.now() - this.#renewedAt < SESSION_TIMEOUT * LEASE_PART;',
        replace: 'return performance.now() - this.#renewedAt < Infinity * LEASE_PART;',
      },
    ],
    red: {
      test: `${KAFKA}/frozen-broker.int.test.ts`,
      row: 'a broker frozen for 20 s loses and doubles no record',
      because: 'expected true to be false',
    },
  },
  {
    name: 'join-without-draining',
    breaks: ['G17', 'R3'],
    says: 'A member joins anew while a batch of its is in hand.',
    edits: [
      {
        file: `${KAFKA}/group-host.ts`,
        find: "      await this.#drain();\n      if (this.#running()) this.#state = 'joining';",
        replace: "      if (this.#running()) this.#state = 'joining';",
      },
    ],
    red: { test: `${KAFKA}/group.int.test.ts`, row: 'hands no record to two members while one joins', because: 'to have a length of' },
  },
  {
    name: 'plain-producer',
    breaks: ['G1', 'G2'],
    says: 'Batches carry no identity: one that is repeated after a lost answer is written twice.',
    edits: [
      { file: `${KAFKA}/produce-session.ts`, find: 'producerId: identity.producerId,', replace: 'producerId: -1,' },
      { file: `${KAFKA}/produce-session.ts`, find: 'producerEpoch: identity.producerEpoch,', replace: 'producerEpoch: -1,' },
    ],
    red: {
      test: `${KAFKA}/frozen-broker.int.test.ts`,
      row: 'a broker frozen for 20 s loses and doubles no record',
      because: 'to have a length of',
    },
  },
  {
    name: 'unknown-type-passes',
    breaks: ['G30'],
    says: 'A record of a type that this release does not know is handed to whoever reads the topic.',
    edits: [
      {
        file: `${KAFKA}/middleware/decode-records.ts`,
        find: '} else if (decoded !== null && !Object.hasOwn(RECORD_TYPES, decoded.type)) {',
        replace: '} else if (decoded !== null && decoded.type === undefined) {',
      },
    ],
    red: { test: `${KAFKA}/middleware/decode-records.unit.test.ts`, row: 'a type of the future', because: 'to be' },
  },
  {
    name: 'restored-at-old-offsets',
    breaks: ['G28'],
    says: 'A restored slice says that it has folded records which lie elsewhere in the restored Kafka.',
    edits: [
      {
        file: 'tools/admin/src/backup/shift-document.ts',
        find: 'return rawDocument(shiftSlice(document, (topic) => base(topic, partition)));',
        replace: 'return rawDocument(shiftSlice(document, (topic) => 0 * base(topic, partition)));',
      },
    ],
    red: {
      test: 'tools/admin/src/backup/restoring.unit.test.ts',
      row: 'of a slice: what was folded before the copy begins',
      because: 'to deeply equal',
    },
  },
  {
    name: 'restore-hears-the-future',
    breaks: ['G28'],
    says: 'A restored platform hears events of decisions that were not restored.',
    edits: [
      {
        file: 'tools/admin/src/backup/known-versions.ts',
        find: 'Envelope.decode(value).epoch <= version;',
        replace: 'Envelope.decode(value).epoch <= version + 1e9;',
      },
    ],
    red: { test: 'tools/admin/src/backup/restoring.unit.test.ts', row: 'of the next one', because: 'to be false' },
  },
];
