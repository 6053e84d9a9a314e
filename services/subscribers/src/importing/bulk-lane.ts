import type { Documents, Guarded } from '@tocsin/mongo';

/** Store commands of all imports of this process in flight at once: the connections left over serve walks and single contacts at once. */
const BULK_COMMANDS = 8;

/** A queue in front of the store for bulk work, first come first served, so that forty imports side by side do not make a preview wait behind all of them. */
export class BulkLane {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** The same documents, with a place in the queue for each command. */
  over<T extends Guarded>(documents: Documents<T>): Documents<T> {
    return {
      get: (id) => this.run(() => documents.get(id)),
      getMany: (ids) => this.run(() => documents.getMany(ids)),
      insert: (document) => this.run(() => documents.insert(document)),
      replace: (document) => this.run(() => documents.replace(document)),
      remove: (id) => this.run(() => documents.remove(id)),
      removeGuarded: (document) => this.run(() => documents.removeGuarded(document)),
      all: () => this.run(() => documents.all()),
    };
  }

  private async run<R>(command: () => Promise<R>): Promise<R> {
    if (this.running >= BULK_COMMANDS) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      return await command();
    } finally {
      // The place passes on to who waits longest.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
