import { SingleBar } from 'cli-progress';

export interface Progress {
  update(done: number, total: number, label: string): void;
  stop(): void;
}

/** A bar on standard error where a person looks on, nothing where a program does. */
export function startProgress(title: string, json: boolean): Progress {
  if (json || !process.stderr.isTTY) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar({
    format: `${title} [{bar}] {percentage} % {label}`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: false,
    // Times a second; an agent's eye needs no more.
    fps: 5,
  });
  bar.start(1, 0, { label: '' });
  return {
    update(done, total, label) {
      bar.setTotal(Math.max(1, total));
      bar.update(done, { label });
    },
    stop: () => bar.stop(),
  };
}
