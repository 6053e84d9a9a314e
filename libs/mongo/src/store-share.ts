import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds rested after one command at most: a store that others keep busy slows the work down, it does not stop it. */
const MAX_REST_MS = 1_000;

/** Keeps background work to a part of the store's time: after each command it rests so long that command and rest together make that part. */
export class StoreShare {
  /** `share`: above 0, at most 1. */
  constructor(private readonly share: number) {}

  async run<T>(command: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await command();
    } finally {
      await pause(restMs(performance.now() - began, this.share));
    }
  }
}

export function restMs(took: number, share: number): number {
  return Math.min(MAX_REST_MS, took * (1 / share - 1));
}
