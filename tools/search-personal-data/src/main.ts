import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findings, needlesOf, type Needles } from './needles.js';

/** Bytes of one piece, and of its overlap with the next: longer than any number or mailbox. */
const PIECE = 1 << 20;
const OVERLAP = 128;

const { values } = parseArgs({
  options: {
    input: { type: 'string', multiple: true, default: [] },
    below: { type: 'string', multiple: true, default: [] },
    except: { type: 'string', multiple: true, default: [] },
  },
});
const inputs = values.input.flatMap((path) => filesBelow(path)).filter((path) => path.endsWith('.csv'));
const needles = needlesOf(texts(inputs));
if (needles.numbers.size === 0 && needles.mailboxes.size === 0) {
  console.error(`No number and no mailbox in the CSV files below ${values.input.join(', ') || '(--input missing)'}: nothing to look for.`);
  process.exit(2);
}
const except = values.except.map((path) => resolve(path));
const searched = values.below
  .flatMap((path) => filesBelow(path))
  .filter((path) => !except.some((folder) => resolve(path).startsWith(folder)));
let bytes = 0;
let found = 0;
for (const path of searched) {
  const result = await searchFile(path, needles);
  bytes += result.bytes;
  found += result.numbers + result.mailboxes;
  if (result.numbers + result.mailboxes > 0) console.log(`${path}: ${result.numbers} numbers, ${result.mailboxes} mailboxes`);
}
console.log(
  JSON.stringify({ files: searched.length, bytes, lookedFor: { numbers: needles.numbers.size, mailboxes: needles.mailboxes.size }, found }),
);
process.exitCode = found === 0 ? 0 : 1;

async function searchFile(path: string, wanted: Needles): Promise<{ bytes: number; numbers: number; mailboxes: number }> {
  const total = { bytes: 0, numbers: 0, mailboxes: 0 };
  let tail = '';
  for await (const chunk of createReadStream(path, { highWaterMark: PIECE })) {
    const piece = (chunk as Buffer).toString('latin1');
    total.bytes += piece.length;
    const here = findings(tail + piece, wanted);
    // What stands wholly in the overlap was counted with the piece before.
    const before = findings(tail, wanted);
    total.numbers += here.numbers - before.numbers;
    total.mailboxes += here.mailboxes - before.mailboxes;
    tail = piece.slice(-OVERLAP);
  }
  return total;
}

function* texts(paths: readonly string[]): Iterable<string> {
  for (const path of paths) yield readFileSync(path, 'latin1');
}

function filesBelow(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const below = join(path, entry.name);
    return entry.isDirectory() ? filesBelow(below) : entry.isFile() ? [below] : [];
  });
}
