// What buf calls for the TypeScript of our contracts: ts-proto, and two changes to what it writes. It makes a new empty Buffer for every bytes field of every
// message decoded, which costs more than all the rest of decoding (0.83 against 0.15 µs an item of a slice): one empty Buffer a file serves them all. And it
// reads and writes every int64 through a BigInt and its text, although ours are numbers: src/int64.ts does without.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { CodeGeneratorResponse_FileSchema, CodeGeneratorResponseSchema } from '@bufbuild/protobuf/wkt';

const PLUGIN = fileURLToPath(new URL('../../node_modules/.bin/protoc-gen-ts_proto', import.meta.url));
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
const EMPTY = 'Buffer.alloc(0)';
/** The first line of a file that is no comment and no import. */
const AFTER_IMPORTS = 'export const protobufPackage';

const generated = spawnSync(process.execPath, [PLUGIN], { input: readFileSync(0), maxBuffer: MAX_RESPONSE_BYTES });
process.stderr.write(generated.stderr);
if (generated.status !== 0) process.exit(generated.status ?? 1);
const response = fromBinary(CodeGeneratorResponseSchema, generated.stdout);
response.file = response.file.map((file) =>
  create(CodeGeneratorResponse_FileSchema, { ...file, content: plainInt64(sharingEmpty(file.content), file.name ?? '') }),
);
process.stdout.write(toBinary(CodeGeneratorResponseSchema, response));

/** @param {string} text */
function sharingEmpty(text) {
  if (!text.includes(EMPTY)) return text;
  const shared = text.replaceAll(EMPTY, 'NO_BYTES');
  return shared.replace(AFTER_IMPORTS, `const NO_BYTES = ${EMPTY};\n\n${AFTER_IMPORTS}`);
}

/**
 * @param {string} text
 * @param {string} name as the file is called below its folder: how far up src lies
 */
function plainInt64(text, name) {
  const plain = text
    .replaceAll('longToNumber(reader.int64())', 'readInt64(reader)')
    .replace(/(writer(?:\.uint32\(\d+\))?)\.int64\((.+)\);/g, 'writeInt64($1, $2);')
    .replace(/\nfunction longToNumber\([\s\S]*?\n}\n/, '');
  if (plain === text) return text;
  const used = ['readInt64', 'writeInt64'].filter((helper) => plain.includes(`${helper}(`));
  const up = '../'.repeat(name.split('/').length);
  return plain.replace(AFTER_IMPORTS, `import { ${used.join(', ')} } from "${up}int64.js";\n\n${AFTER_IMPORTS}`);
}
