import type { Tracing } from '@tocsin/observability';
import type { BatchMiddleware } from './batch-handler.js';

/** Traceparents looked at in one batch: the span keeps fewer links. */
const MAX_LINKS = 64;

/** One span a batch, linked to the spans that produced its records; when all come from one, it is their child. */
export function traceBatch(tracing: Tracing, reader: string): BatchMiddleware {
  return (next) => (batch) => {
    const links = new Set<string>();
    for (const { envelope } of batch.records) {
      if (envelope !== null && envelope.traceparent !== '') links.add(envelope.traceparent);
      if (links.size === MAX_LINKS) break;
    }
    const [only] = links;
    const origin = links.size === 1 && only !== undefined ? { parent: only } : { links: [...links] };
    return tracing.span(
      `${batch.topic} process`,
      {
        kind: 'consumer',
        hot: true,
        ...origin,
        attributes: { reader, partition: batch.partition, records: batch.records.length, offset: batch.records[0]?.offset ?? -1 },
      },
      () => next(batch),
    );
  };
}
