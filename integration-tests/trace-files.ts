import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A span as the services write it to their trace files. */
export interface WrittenSpan {
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  readonly trace: string;
  readonly span: string;
  readonly parent?: string;
}

/** Every span written below a state folder so far. */
export function readSpans(state: string): readonly WrittenSpan[] {
  const folder = join(state, 'traces');
  return readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as WrittenSpan),
  );
}

/** The spans from the first of their trace down to this one; throws where a parent is missing. */
export function lineage(spans: readonly WrittenSpan[], of: WrittenSpan): readonly WrittenSpan[] {
  if (of.parent === undefined) return [of];
  const parent = spans.find((span) => span.trace === of.trace && span.span === of.parent);
  if (!parent) throw new Error(`the parent of "${of.name}" of ${of.service} was written nowhere`);
  return [...lineage(spans, parent), of];
}
