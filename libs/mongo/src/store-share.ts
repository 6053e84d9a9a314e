import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds rested after one command at most: a store that others keep busy slows the work down, it does not stop it. */
const MAX_REST_MS = 1_000;

/** Keeps background work to a part of the store's time: after each command it rests so long that command and rest together make that part. */
export class StoreShare {
  private tail: Promise<unknown> = Promise.resolve();

  /** `share`: above 0, at most 1. */
  constructor(private readonly share: number) {}

  /** Commands of all callers run one after the other, each with its rest. */
  run<T>(command: () => Promise<T>): Promise<T> {
    const mine = this.tail.then(async () => {
      const began = performance.now();
      try {
        return await command();
      } finally {
        await pause(restMs(performance.now() - began, this.share));
      }
    });
    this.tail = mine.catch(() => undefined);
    return mine;
  }
}

export function restMs(took: number, share: number): number {
  return Math.min(MAX_REST_MS, took * (1 / share - 1));
}
