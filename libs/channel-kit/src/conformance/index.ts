import { describe } from 'vitest';
import { manifestSuite } from './manifest-suite.js';
import { providerSuite } from './provider-suite.js';
import { renderSuite } from './render-suite.js';
import type { ConformanceSubject } from './subject.js';

export type { Behaviour, ConformanceRig, ConformanceSubject } from './subject.js';

/** The suite every channel runs, called from a test file in its folder. */
export function describeChannel(name: string, subject: ConformanceSubject): void {
  describe(`${name} conforms`, () => {
    manifestSuite(subject);
    renderSuite(subject);
    providerSuite(subject);
  });
}
