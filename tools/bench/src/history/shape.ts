/** The names and kinds of a document, values left out; of a list the first entry stands for all, and an empty one for any. */
export function shapeOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([name, field]): [string, unknown] => [name, shapeOf(field)])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Where two documents differ in shape, '' where they do not. */
export function shapeDifference(one: unknown, other: unknown, path = ''): string {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === 0 || other.length === 0 ? '' : shapeDifference(one[0], other[0], `${path}[]`);
  }
  if (isFields(one) && isFields(other)) {
    const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return names.map((name) => shapeDifference(one[name], other[name], `${path}.${name}`)).find((difference) => difference !== '') ?? '';
  }
  return one === other ? '' : path || '.';
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
