import { TocsinError } from '@tocsin/errors';

/** What a command found, for programs and for people. */
export interface Answer {
  readonly json: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
  /** false: the exit code is 1. */
  readonly ok: boolean;
}

/** Runs a command and reports it. */
export type Run = (work: () => Promise<Answer>) => Promise<void>;

/** Prints an answer, or an expected failure as one sentence on stderr (with --json on stdout), and sets the exit code. */
export async function report(work: () => Promise<Answer>, json: boolean): Promise<void> {
  try {
    const answer = await work();
    process.stdout.write(
      json ? `${JSON.stringify({ ok: answer.ok, ...answer.json })}\n` : answer.lines.map((line) => `${line}\n`).join(''),
    );
    if (!answer.ok) process.exitCode = 1;
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    const { code, reason, message } = error;
    if (json) process.stdout.write(`${JSON.stringify({ ok: false, error: { code, reason, message } })}\n`);
    else process.stderr.write(`error: ${message}\n`);
    process.exitCode = 1;
  }
}
