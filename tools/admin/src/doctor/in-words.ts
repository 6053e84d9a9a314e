import type { Diagnosis } from './diagnose.js';
import { runbookOf } from './finding.js';

/** Symptoms named one by one; the others are counted. */
const NAMED_SYMPTOMS = 4;

/** What was found as a person reads it: a sentence, what shows it, what follows from it, what to do. */
export function inWords(found: readonly Diagnosis[], asked: string): readonly string[] {
  if (found.length === 0) return [`Nothing is wrong (asked: ${asked}).`];
  const head = `${found.length} ${found.length === 1 ? 'thing is' : 'things are'} wrong, the worst first (asked: ${asked}).`;
  return [head, ...found.flatMap((finding, place) => ['', ...one(finding, place + 1)])];
}

function one(finding: Diagnosis, number: number): readonly string[] {
  const { severity, sentence, evidence, follows } = finding;
  const symptoms = follows.slice(0, NAMED_SYMPTOMS).map((symptom) => `   follows: ${symptom.sentence}`);
  const more = follows.length - symptoms.length;
  return [
    `${number}. ${severity === 'critical' ? 'CRITICAL ' : ''}${sentence}`,
    ...evidence.map((shown) => `   shown by: ${shown}`),
    ...symptoms,
    ...(more > 0 ? [`   follows: ${more} more of this kind.`] : []),
    `   what to do: ${runbookOf(finding)}`,
  ];
}
