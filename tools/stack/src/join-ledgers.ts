// node tools/stack/dist/join-ledgers.js --manifest FILE --since MS [--settled-within S] --ledger CHANNEL=FILE ...
// Joins what the providers' stand-ins wrote down with what the generator says must be reached. It knows nothing of Tocsin: it reads these files and no others.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readManifest } from './job/read-manifest.js';
import { joinLedgers } from './ledger/join.js';
import { readLedger } from './ledger/read-ledger.js';

const { values } = parseArgs({
  options: {
    manifest: { type: 'string' },
    since: { type: 'string', default: '0' },
    ledger: { type: 'string', multiple: true, default: [] },
  },
});
if (values.manifest === undefined) throw new Error('--manifest FILE is missing.');
const since = Number(values.since);
const ledgers = new Map(
  values.ledger.map((pair) => {
    const [channel, file] = pair.split(/=(.*)/s);
    return [channel ?? '', readLedger(readFileSync(file ?? '', 'utf8'), since)];
  }),
);
process.stdout.write(`${JSON.stringify(joinLedgers(readManifest(values.manifest), ledgers))}\n`);
