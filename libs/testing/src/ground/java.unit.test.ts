import { describe, expect, it } from 'vitest';
import { javaMajor } from './java.js';

describe('the version Java prints', () => {
  const rows = [
    { says: 'a modern release', text: 'openjdk version "17.0.15" 2025-04-15', major: 17 },
    { says: 'a release without minor', text: 'openjdk version "21" 2023-09-19', major: 21 },
    { says: 'the old numbering', text: 'java version "1.8.0_392"', major: 8 },
    { says: 'something else', text: 'command not found', major: undefined },
  ];
  it.each(rows)('$says', ({ text, major }) => {
    expect(javaMajor(text)).toBe(major);
  });
});
