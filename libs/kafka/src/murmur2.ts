const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

/** Kafka's own hash of a key's bytes, as the Java clients compute it: a record keyed by anyone lands in the same partition. */
export function murmur2(key: Uint8Array): number {
  const length = key.length;
  const at = (index: number): number => key[index] ?? 0;
  let hash = SEED ^ length;
  const words = length - (length % 4);
  for (let index = 0; index < words; index += 4) {
    let word = at(index) | (at(index + 1) << 8) | (at(index + 2) << 16) | (at(index + 3) << 24);
    word = Math.imul(word, M);
    word ^= word >>> R;
    hash = Math.imul(hash, M) ^ Math.imul(word, M);
  }
  const rest = length % 4;
  if (rest === 3) hash ^= at(words + 2) << 16;
  if (rest >= 2) hash ^= at(words + 1) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ at(words), M);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return hash ^ (hash >>> 15);
}

/** The partition of a key among `partitions`. */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fff_ffff) % partitions;
}
