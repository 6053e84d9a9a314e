import type { Mutation } from '../mutation.js';

const BACKUP = 'tools/admin/src/backup';

/** Wrong in what a restore changes, leaves out or says. */
export const RESTORING: readonly Mutation[] = [
  {
    name: 'repeat-unmarked',
    breaks: ['G28'],
    says: 'What ran before a restore is handed over once more as if nothing of it had left.',
    edits: [{ file: 'libs/contracts/src/control-book.ts', find: 'releasedAt <= restored.setAt', replace: 'releasedAt > restored.setAt' }],
    red: {
      test: 'libs/contracts/src/control-book.unit.test.ts',
      row: 'what ran before a restore may have left already, what is released afterwards has not',
      because: 'to deeply equal',
    },
  },
  {
    name: 'cut-backup-read',
    breaks: ['G28'],
    says: 'A backup that was cut between two pieces is taken for whole.',
    edits: [
      {
        file: `${BACKUP}/sealed-file.ts`,
        find: "if (prefix.length < 5) throw refused('BACKUP_CUT', `${path} is cut off after ${count} pieces.`);",
        replace: 'if (prefix.length < 5) return;',
      },
    ],
    red: {
      test: `${BACKUP}/sealed-file.unit.test.ts`,
      row: 'is refused under another key, cut at any place, with any octet changed, and with pieces exchanged',
      because: 'to match',
    },
  },
];
