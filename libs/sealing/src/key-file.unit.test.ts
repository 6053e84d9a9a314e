import { describe, expect, it } from 'vitest';
import { isOpen } from './key-file.js';

describe('isOpen', () => {
  it.each([
    ['its owner alone', { mode: 0o100600, uid: 10_001 }, 10_001, false],
    ['its owner and a group', { mode: 0o100640, uid: 10_001 }, 10_001, true],
    ['a mounted secret: root owns it, the pod reads it by its group', { mode: 0o100440, uid: 0 }, 10_001, false],
    ['a mounted secret that everybody reads', { mode: 0o100444, uid: 0 }, 10_001, true],
    ['a mounted secret that the group may write', { mode: 0o100460, uid: 0 }, 10_001, true],
    ['a file of root, read by root, with a group', { mode: 0o100640, uid: 0 }, 0, true],
  ])('%s', (_what, file, ownUid, expected) => {
    expect(isOpen(file, ownUid)).toBe(expected);
  });
});
