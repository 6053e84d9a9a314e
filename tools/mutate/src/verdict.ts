import { printedRow, type Mutation } from './mutation.js';
import type { Ran } from './run-row.js';

/** What became of a mutated build. Only "red" is good: its test failed, and for the reason that was expected. */
export type Verdict =
  | { readonly outcome: 'red'; readonly detail: string }
  /** The test passed although the build is wrong. */
  | { readonly outcome: 'green'; readonly detail: string }
  /** It failed, but not in the way it should: a crash, or another row. */
  | { readonly outcome: 'wrong-reason'; readonly detail: string }
  /** The row fails, or does not exist, without the mutation too. */
  | { readonly outcome: 'unusable'; readonly detail: string };

/** Characters of a failure that are shown. */
const SHOWN = 160;

/** Judges what a test said of a mutated build. */
export function verdictOn({ red }: Mutation, ran: Ran): Verdict {
  const rows = ran.rows.filter(({ title }) => title.includes(printedRow(red)));
  if (rows.length === 0) return { outcome: 'wrong-reason', detail: shown(ran.broken === '' ? 'no such row ran' : ran.broken) };
  const failed = rows.filter(({ passed }) => !passed);
  if (failed.length === 0) return { outcome: 'green', detail: `"${printedRow(red)}" passed` };
  const fitting = failed.find(({ said }) => said.includes(red.because));
  return fitting
    ? { outcome: 'red', detail: shown(lineWith(fitting.said, red.because)) }
    : { outcome: 'wrong-reason', detail: shown(failed[0]?.said ?? '') };
}

/** Whether the row runs and passes without the mutation. */
export function baselineOf({ red }: Mutation, ran: Ran): Verdict | undefined {
  const rows = ran.rows.filter(({ title }) => title.includes(printedRow(red)));
  if (rows.length === 0) return { outcome: 'unusable', detail: shown(`no row "${printedRow(red)}" ran: ${ran.broken}`) };
  const failed = rows.find(({ passed }) => !passed);
  return failed && { outcome: 'unusable', detail: shown(`fails without the mutation: ${failed.said}`) };
}

function lineWith(text: string, part: string): string {
  return text.split('\n').find((line) => line.includes(part)) ?? text;
}

function shown(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, SHOWN);
}
