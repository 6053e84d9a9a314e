/** Recipient indices of one slice as base64 of a bitmap: at most 44 characters for 250, so that a checkpoint stays small. */
export function packIndices(indices: Iterable<number>): string {
  const bits = Buffer.alloc(32);
  for (const index of indices) {
    if (index < 0 || index > 255) throw new RangeError(`no such index in a slice: ${index}`);
    bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
  }
  let used = bits.length;
  while (used > 0 && bits[used - 1] === 0) used--;
  return bits.subarray(0, used).toString('base64');
}

export function unpackIndices(text: string): number[] {
  const bits = Buffer.from(text, 'base64');
  const indices: number[] = [];
  for (let index = 0; index < bits.length * 8; index++) {
    if (((bits[index >> 3] ?? 0) >> (index & 7)) & 1) indices.push(index);
  }
  return indices;
}
