import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeGround, repositoryRoot, startGround } from '@tocsin/testing';
import { MUTATIONS } from './mutations.js';
import { printedRow, type Mutation } from './mutation.js';
import { faultsOf, promisesOf, stepsOf } from './references.js';
import { runRows } from './run-row.js';
import { projectOf, ScratchTree } from './scratch-tree.js';
import { baselineOf, verdictOn, type Verdict } from './verdict.js';

/** Ctrl-C ends the running test with all it started, and leaves no tree behind. */
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

const { values } = parseArgs({
  options: {
    name: { type: 'string', multiple: true, default: [] },
    all: { type: 'boolean', default: false },
    kind: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    tree: { type: 'string' },
  },
});
const unknown = values.name.filter((name) => !MUTATIONS.some((mutation) => mutation.name === name));
const chosen = MUTATIONS.filter(
  ({ name, red }) => values.all || values.name.includes(name) || values.kind.some((kind) => red.test.endsWith(`.${kind}.test.ts`)),
);
if (values.list) {
  for (const { name, breaks, says, red } of MUTATIONS)
    console.log(`${name} (${breaks.join(', ')}): ${says} Red: ${red.test}, "${red.row}".`);
} else if (values.check) {
  for (const fault of check()) {
    console.error(fault);
    process.exitCode = 1;
  }
} else if (values.tree !== undefined) {
  process.exitCode = leaveTree(values.tree);
} else if (unknown.length > 0 || chosen.length === 0) {
  console.error(
    unknown.length > 0
      ? `No mutation is called ${unknown.join(', ')}: --list names them.`
      : 'Say which: --all, --name NAME (again and again), --kind unit|int|e2e, or --list.',
  );
  process.exitCode = 2;
} else {
  process.exitCode = await run(chosen);
}

/** Builds one mutation in a tree of its own and leaves it there, for a run of another tool on it; prints its folder. */
function leaveTree(name: string): number {
  const mutation = MUTATIONS.find((candidate) => candidate.name === name);
  if (mutation === undefined) {
    console.error(`No mutation is called ${name}: --list names them.`);
    return 2;
  }
  const tree = ScratchTree.copyOf(repositoryRoot());
  tree.break(mutation);
  build(tree.root, mutation);
  console.log(tree.root);
  return 0;
}

/** Whether docs, tests and mutations say the same; runs nothing. */
function check(): string[] {
  const root = repositoryRoot();
  const read = (path: string): string | undefined => {
    const file = join(root, path);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  };
  const sections = [...promisesOf(read('docs/guarantees.md') ?? ''), ...stepsOf(read('docs/recovery.md') ?? '')];
  return faultsOf(sections, read);
}

/** Runs every mutation in one scratch tree after the other; 0 when each was noticed. */
async function run(mutations: readonly Mutation[]): Promise<number> {
  const started = performance.now();
  const ground = mutations.some(({ red }) => !red.test.endsWith('.unit.test.ts')) ? await startGround() : undefined;
  const env = { ...process.env, ...(ground && { TOCSIN_TEST_GROUND: describeGround(ground) }) };
  const tree = ScratchTree.copyOf(repositoryRoot());
  const verdicts = new Map<string, Verdict>();
  try {
    const files = [...new Set(mutations.map(({ red }) => red.test))];
    console.log(`Without a mutation: ${files.length} files...`);
    const sound = await runRows(tree.root, files, [...new Set(mutations.map(({ red }) => printedRow(red)))], env, interrupted.signal);
    for (const mutation of mutations) {
      if (interrupted.signal.aborted) break;
      const began = performance.now();
      const verdict = baselineOf(mutation, sound) ?? (await judged(tree, mutation, env));
      verdicts.set(mutation.name, verdict);
      const seconds = ((performance.now() - began) / 1_000).toFixed(0);
      console.log(`${verdict.outcome.padEnd(12)} ${mutation.name} (${mutation.breaks.join(', ')}), ${seconds} s: ${verdict.detail}`);
    }
  } finally {
    tree.remove();
    await ground?.stop();
  }
  const not = mutations.filter(({ name }) => verdicts.get(name)?.outcome !== 'red').map(({ name }) => name);
  console.log(
    JSON.stringify({
      mutants: mutations.length,
      red: mutations.length - not.length,
      notNoticed: not,
      seconds: Math.round((performance.now() - started) / 1_000),
    }),
  );
  return not.length === 0 ? 0 : 1;
}

async function judged(tree: ScratchTree, mutation: Mutation, env: NodeJS.ProcessEnv): Promise<Verdict> {
  try {
    tree.break(mutation);
    build(tree.root, mutation);
    return verdictOn(mutation, await runRows(tree.root, [mutation.red.test], [printedRow(mutation.red)], env, interrupted.signal));
  } finally {
    tree.mend(mutation);
    build(tree.root, mutation);
  }
}

/** Builds only what was edited: its users need its declarations, which a mutation leaves as they are. Types are not asked for: leaving a line out leaves names unused. */
function build(root: string, { edits }: Mutation): void {
  for (const project of new Set(edits.map(({ file }) => projectOf(file)))) {
    const built = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', project, '--noCheck'], { cwd: root, encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`${project} cannot be built: ${built.stdout}${built.stderr}`);
  }
}
