import type { SliceDocument } from './slice-document.js';

/** A slice whose offsets name the same records in a restored Kafka; `base`: where the slice's partition of a topic began in the copy. Pure. */
export function shiftSlice(document: SliceDocument, base: (topic: string) => number): SliceDocument {
  // Before the copy's begin everything is folded: -1 says that nothing of the copy is.
  return { ...document, sources: document.sources.map(({ topic, offset }) => ({ topic, offset: Math.max(-1, offset - base(topic)) })) };
}
