import type { Mutation } from '../mutation.js';

const PLANNER = 'services/routing/src/planner';
const PAGE_TEST = `${PLANNER}/submitted-page.unit.test.ts`;

/** Wrong in a correction: whom it goes to, and when. */
export const CORRECTING: readonly Mutation[] = [
  {
    name: 'correction-to-everybody-named',
    breaks: ['G22'],
    says: 'A correction goes to all whom its original named, whether or not anything was submitted to them.',
    edits: [
      {
        file: `${PLANNER}/submitted-page.ts`,
        find: '.filter(({ submittedAt, possibleDuplicate }) => submittedAt > 0 || possibleDuplicate)',
        replace: '',
      },
    ],
    red: {
      test: PAGE_TEST,
      row: 'names those whom something was submitted to, with the sealed addresses it went to, and nobody else',
      because: 'to deeply equal',
    },
  },
  {
    name: 'doubt-is-not-told',
    breaks: ['G22'],
    says: 'A correction leaves out whom its original may have reached.',
    edits: [{ file: `${PLANNER}/submitted-page.ts`, find: 'submittedAt > 0 || possibleDuplicate', replace: 'submittedAt > 0' }],
    red: {
      test: PAGE_TEST,
      row: 'names those whom something was submitted to, with the sealed addresses it went to, and nobody else',
      because: 'to deeply equal',
    },
  },
  {
    name: 'correction-overtakes',
    breaks: ['G22'],
    says: 'A correction does not wait for what is outstanding of its original.',
    edits: [
      { file: `${PLANNER}/submitted-page.ts`, find: 'state === DeliveryState.REQUESTED', replace: 'state === DeliveryState.UNSPECIFIED' },
    ],
    red: {
      test: PAGE_TEST,
      row: 'waits while a grant is outstanding: $says',
      printed: 'waits while a grant is outstanding',
      because: 'to be true',
    },
  },
  {
    name: 'original-goes-on',
    breaks: ['G22'],
    says: 'A correction is released while its original goes on.',
    edits: [
      {
        file: 'services/campaigns/src/rpc/correction.ts',
        find: 'if (!goesOn(original)) return parts.campaigns.told(corrects);',
        replace: 'if (goesOn(original)) return;',
      },
    ],
    red: {
      test: 'integration-tests/correction.e2e.test.ts',
      row: 'closes its original and reaches exactly those whom that was submitted to',
      because: 'stopped',
    },
  },
];
