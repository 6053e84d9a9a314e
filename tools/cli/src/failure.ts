import { TocsinError } from '@tocsin/errors';
import { EXIT, exitCodeOf, type ExitCode } from './exit-codes.js';
import { wordsIn, type Words } from './text/catalogue.js';
import { failureSentence } from './text/failures.js';
import { remedyLines } from './views/forecast-view.js';
import { UsageError } from './usage-error.js';

/** A failure as it is shown: one sentence, the fields that are wrong, and what a script gets. */
export interface Failure {
  readonly exitCode: ExitCode;
  readonly lines: readonly string[];
  readonly json: object;
}

/** `words`: the language of the lines; the JSON is the same for every program. */
export function describeFailure(error: unknown, words: Words = wordsIn('fr')): Failure {
  if (error instanceof UsageError) return plain(EXIT.usage, 'USAGE', error.message);
  if (error instanceof TocsinError) {
    const { code, reason, fieldViolations, retryAfterMs, message, metadata } = error;
    const sentence = failureSentence(words, error);
    const wait = retryAfterMs === undefined ? [] : [`  ${words('tryAgainIn')} ${Math.max(1, Math.ceil(retryAfterMs / 1000))} s`];
    return {
      exitCode: exitCodeOf(code),
      lines: [
        `${sentence} (${reason})`,
        ...fieldViolations
          .filter(({ description }) => description !== message)
          .map(({ field, description }) => `  - ${field}: ${description}`),
        ...remedyLines(words, error),
        ...wait,
      ],
      json: { error: { code, reason, message, fieldViolations, metadata, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } },
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return plain(EXIT.failed, 'FAILED', message);
}

function plain(exitCode: ExitCode, code: string, message: string): Failure {
  return { exitCode, lines: [message], json: { error: { code, reason: code, message, fieldViolations: [] } } };
}
