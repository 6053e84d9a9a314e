import { TocsinError } from '@tocsin/errors';

/** Pages one command reads at most: 10,000 of them hold more than any list of the platform. */
const MAX_PAGES = 10_000;

/** Walks a paged list; items are handed over as they come, so a long list is never held whole. */
export async function* pages<T>(
  read: (pageToken: string) => Promise<{ readonly items: readonly T[]; readonly next: string }>,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<T, void, undefined> {
  let token = '';
  let left = limit;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { items, next } = await read(token);
    for (const item of items) {
      if (left <= 0) return;
      left -= 1;
      yield item;
    }
    if (next === '') return;
    token = next;
  }
  throw new TocsinError('INTERNAL', 'LIST_ENDLESS', 'The list does not end.');
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
