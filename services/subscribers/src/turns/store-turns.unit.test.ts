import type { Documents, Guarded } from '@tocsin/mongo';
import { describe, expect, it } from 'vitest';
import { LANES } from './lanes.js';
import { StoreTurns } from './store-turns.js';

/** A store whose commands end when they are told to. */
class SlowStore {
  readonly started: string[] = [];
  private readonly ends: { id: string; resolve(document: Guarded): void; reject(error: Error): void }[] = [];

  readonly documents = {
    get: (id: string) => {
      this.started.push(id);
      return new Promise<Guarded>((resolve, reject) => this.ends.push({ id, resolve, reject }));
    },
  } as unknown as Documents<Guarded>;

  /** Ends the oldest command (of this tenant). */
  async end(error?: Error, tenant = ''): Promise<void> {
    const at = this.ends.findIndex(({ id }) => id.startsWith(tenant));
    const [first] = at < 0 ? [] : this.ends.splice(at, 1);
    if (error) first?.reject(error);
    else first?.resolve({ _id: 'x', v: 1 });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('turns at the store', () => {
  it('a village waits for one command of a city, however many the city has waiting', async () => {
    const store = new SlowStore();
    const documents = new StoreTurns().over(store.documents, LANES.person);
    for (let page = 0; page < 100; page += 1) void documents.get(`city:general:${page}`);
    void documents.get('village:general:0');
    const inFlight = store.started.length;
    await store.end();
    await store.end();
    expect(store.started.slice(inFlight)).toContain('village:general:0');
  });

  it('files leave room for people and for campaigns being planned', () => {
    const store = new SlowStore();
    const turns = new StoreTurns();
    const files = turns.over(store.documents, LANES.file);
    for (let page = 0; page < 100; page += 1) void files.get(`city:general:${page}`);
    const before = store.started.length;
    void turns.over(store.documents, LANES.person).get('village:general:0');
    void turns.over(store.documents, LANES.dispatch).get('commune:general:0');
    expect(store.started.slice(before)).toEqual(['village:general:0', 'commune:general:0']);
  });

  it('files that take long do not take the places of people by their floor', async () => {
    const store = new SlowStore();
    const turns = new StoreTurns();
    const files = turns.over(store.documents, LANES.file);
    for (let page = 0; page < 100; page += 1) void files.get(`city:general:${page}`);
    const inFlight = store.started.length;
    const person = turns.over(store.documents, LANES.person);
    for (let page = 0; page < 40; page += 1) void person.get(`village:general:${page}`);
    for (let ended = 0; ended < 20; ended += 1) await store.end(undefined, 'village');
    expect(store.started.filter((id) => id.startsWith('city'))).toHaveLength(inFlight);
  });

  it('a command that fails is told to its caller and gives its place back', async () => {
    const store = new SlowStore();
    const documents = new StoreTurns().over(store.documents, LANES.person);
    const ends: string[] = [];
    for (let page = 0; page < 10; page += 1) {
      documents.get(`city:general:${page}`).then(
        () => ends.push('read'),
        (error: Error) => ends.push(error.message),
      );
    }
    const inFlight = store.started.length;
    await store.end(new Error('away'));
    await store.end();
    expect(ends).toEqual(['away', 'read']);
    expect(store.started.length).toBe(inFlight + 2);
  });
});
