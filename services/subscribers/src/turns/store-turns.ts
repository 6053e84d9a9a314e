import { FairTurns } from '@tocsin/fairness';
import type { Documents, Guarded } from '@tocsin/mongo';
import { FLOORS, tenantOf, type Lane } from './lanes.js';

/**
 * Commands in flight of all registers together, and of each lane. Few, because the store works on one (embedded) or some at a time: what waits there is first come first served for every service of
 * the platform, what waits here is in turn. Enough that it always has the next one at hand; connections are left for heads, STOPs and imports' states.
 */
const COMMANDS = 6;
const OF_DISPATCH = 6;
const OF_PERSONS = 4;
const OF_FILES = 3;

/** A queue in front of the store, by lane and then by tenant: a village's page waits for the commands in flight and one of each other tenant, whatever a city reads or writes. */
export class StoreTurns {
  private readonly turns = new FairTurns<() => Promise<void>>(
    [
      { atOnce: OF_DISPATCH, floor: FLOORS.dispatch },
      { atOnce: OF_PERSONS, floor: FLOORS.person },
      { atOnce: OF_FILES, floor: FLOORS.file },
    ],
    COMMANDS,
  );

  /** The same documents, with a turn for each command. */
  over<T extends Guarded>(documents: Documents<T>, lane: Lane): Documents<T> {
    return {
      get: (id) => this.run(lane, id, () => documents.get(id)),
      getMany: (ids) => this.run(lane, ids[0] ?? '', () => documents.getMany(ids)),
      insert: (document) => this.run(lane, document._id, () => documents.insert(document)),
      replace: (document) => this.run(lane, document._id, () => documents.replace(document)),
      remove: (id) => this.run(lane, id, () => documents.remove(id)),
      removeGuarded: (document) => this.run(lane, document._id, () => documents.removeGuarded(document)),
      all: () => this.run(lane, '', () => documents.all()),
    };
  }

  private run<R>(lane: Lane, id: string, command: () => Promise<R>): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.turns.add(lane, tenantOf(id), () => command().then(resolve, reject));
      this.start();
    });
  }

  private start(): void {
    for (let turn = this.turns.next(); turn; turn = this.turns.next()) {
      const { lane, work } = turn;
      void work().finally(() => {
        this.turns.end(lane);
        this.start();
      });
    }
  }
}
