import { MAX_LINKS } from '@tocsin/observability';

/** Where a span of many things belongs. */
export type Origin = { readonly parent: string } | { readonly links: readonly string[] };

/** What is of one campaign's trace is its child; of several, one span linked to each, as libs/kafka does with batches. */
export function originOf(traceparents: Iterable<string>): Origin {
  const seen = new Set<string>();
  let last = '';
  for (const traceparent of traceparents) {
    // Neighbours are mostly of one campaign.
    if (traceparent === last || traceparent === '') continue;
    last = traceparent;
    if (seen.size < MAX_LINKS) seen.add(last);
  }
  const links = [...seen];
  const [only] = links;
  return links.length === 1 && only !== undefined ? { parent: only } : { links };
}
