/** A build that is wrong on purpose in one place, and the test that must notice. */
export interface Mutation {
  /** Lower case with dashes, e.g. "skip-the-fence"; `npm run mutants -- --name` takes it. */
  readonly name: string;
  /** Promises ("G6") of docs/guarantees.md and steps ("R7") of docs/recovery.md that it breaks. */
  readonly breaks: readonly string[];
  /** What is wrong in this build, one sentence. */
  readonly says: string;
  readonly edits: readonly Edit[];
  readonly red: RedTest;
}

/** One replacement; `find` stands exactly once in the file. */
export interface Edit {
  /** Path from the root of the repository. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** The test that fails in the mutated build, and why. */
export interface RedTest {
  /** Path from the root of the repository; its suffix says what it needs (unit, int, e2e). */
  readonly test: string;
  /** Part of the title of the row, as written in the file. */
  readonly row: string;
  /** Part of the title as it is printed, where that differs from what is written (a title with placeholders). */
  readonly printed?: string;
  /** Part of what the failure says: another failure than this one proves nothing. */
  readonly because: string;
}

/** What the title of the row that must fail contains when it is printed. */
export function printedRow({ row, printed }: RedTest): string {
  return printed ?? row;
}
