import { stampOf } from './link-files.js';

/** ms between two looks at files that are replaced a few times a year; a look is a stat a file. */
export const FILES_LOOK_MS = 500;

/** Calls back after one of the files was replaced; looks by stat, since mounted secrets are swapped by links that no file event tells of. Answers how to stop. */
export function watchFiles(paths: readonly string[], changed: () => void): () => void {
  let seen = stampOf(paths);
  const timer = setInterval(() => {
    const now = stampOf(paths);
    if (now === seen) return;
    seen = now;
    changed();
  }, FILES_LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
