// npm run chaos -- [options]: the last line is one JSON object; docs/chaos.md says what is done and counted.
import { join } from 'node:path';
import { repositoryRoot } from '@tocsin/testing';
import { readOptions, USAGE } from './options.js';
import { runChaos } from './run-chaos.js';
import { SingleHost } from './target/single-host.js';

const say = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 23)} ${line}\n`);
/** As a shell says of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

try {
  process.exitCode = await main();
} catch (failure) {
  process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`);
  process.exitCode = 1;
}
// Sockets of clients that keep trying would hold the process; everything that matters has been awaited.
process.exit();

async function main(): Promise<number> {
  if (process.argv.includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const options = readOptions(process.argv.slice(2));
  process.env['TOCSIN_CHANNEL_SMS_RATE'] ??= String(options.rate);
  process.env['TOCSIN_CHANNEL_EMAIL_RATE'] ??= String(Math.max(5, Math.round(options.rate / 3)));
  let end: (how: { code: number; sentence?: string }) => void = () => undefined;
  const ended = new Promise<{ code: number; sentence?: string }>((resolve) => (end = resolve));
  // npm and the terminal may both pass a Ctrl-C on: the second one changes nothing.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end({ code: INTERRUPTED }));
  const broken = (sentence: string): void => end({ code: 1, sentence });
  const target = new SingleHost({ say, broken, ...(options.tree === undefined ? {} : { tree: options.tree }) });
  const planFile = join(process.env['TOCSIN_STACK_STATE_DIR'] ?? join(repositoryRoot(), '.tocsin', 'chaos'), `plan-${options.seed}.json`);
  try {
    const done = await Promise.race([runChaos({ options, target, planFile, say }), ended]);
    if (!('ok' in done)) {
      if (done.sentence !== undefined) say(done.sentence);
      return done.code;
    }
    if (!done.ok) say(`The run of seed ${options.seed} failed; its plan is ${planFile}, and the same options replay it.`);
    process.stdout.write(`${JSON.stringify(done)}\n`);
    return done.ok ? 0 : 1;
  } finally {
    await target.stop();
  }
}
