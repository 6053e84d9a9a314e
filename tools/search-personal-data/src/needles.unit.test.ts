import { describe, expect, it } from 'vitest';
import { findings, needlesOf } from './needles.js';

const needles = needlesOf(['Nom;Tel;Mail\nDurand;06 39 98 12 34;Paul.Durand@mairie.test\n']);

describe('personal data is found however it is written', () => {
  for (const [label, text, numbers, mailboxes] of [
    ['E.164', 'x"+33639981234"y', 1, 0],
    ['national', 'to=0639981234 ', 1, 0],
    ['without its prefix', '\u0000639981234\u0001', 1, 0],
    ['in pairs', 'tel 06.39.98.12.34.', 1, 0],
    ['a mailbox in capitals', '<PAUL.DURAND@MAIRIE.TEST>', 0, 1],
    ['a longer run of digits is another number', '906399812345', 0, 0],
    ['another number', '+33639981235', 0, 0],
    ['an id that contains the digits', 'con_0639981234x', 0, 0],
  ] as const) {
    it(label, () => expect(findings(text, needles)).toEqual({ numbers, mailboxes }));
  }
});
