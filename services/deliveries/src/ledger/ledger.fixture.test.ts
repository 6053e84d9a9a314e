import type { DayLists, Documents, Guarded } from '@tocsin/mongo';
import { isSettled } from '../core/part.js';
import { fromPartDocument } from '../core/part-document.js';
import type { LedgerStore } from './ledger-store.js';

/** The store in memory, and what was put into its collections in what order. */
export function storeInMemory(order: string[]): LedgerStore {
  const documents = <T extends Guarded>(wrote: (document: T) => void = () => undefined): Documents<T> => {
    const stored = new Map<string, T>();
    return {
      get: (id) => Promise.resolve(stored.get(id) ?? null),
      getMany: (ids) => Promise.resolve(ids.map((id) => stored.get(id) ?? null)),
      insert: (document) => {
        wrote(document);
        return Promise.resolve(!stored.has(document._id) && stored.set(document._id, document) !== undefined);
      },
      replace: (document) => {
        wrote(document);
        if (stored.get(document._id)?.v !== document.v) return Promise.resolve(false);
        stored.set(document._id, { ...document, v: document.v + 1 });
        return Promise.resolve(true);
      },
      remove: (id) => Promise.resolve(stored.delete(id)),
      removeGuarded: ({ _id }) => Promise.resolve(stored.delete(_id)),
      all: () => Promise.resolve([...stored.values()]),
    };
  };
  const ended: DayLists = {
    add: (_list, _day, ids) => Promise.resolve(void order.push(...ids.map((id) => `listed ${id}`))),
    due: () => Promise.resolve(null),
    done: () => Promise.resolve(),
  };
  return {
    slices: documents(),
    parts: documents((part) => order.push(isSettled(fromPartDocument(part)) ? 'written as ended' : 'written')),
    markers: documents(),
    ended,
  };
}
