// npm run chaos -- [options]: the last line is one JSON object; docs/chaos.md says what is done and counted.
import { join } from 'node:path';
import { ensureJars } from '@tocsin/testing';
import { readOptions, USAGE, type ChaosOptions } from './options.js';
import { isInRoom, onRoomClosed, runInRoom, whyNoRoom } from './room/private-room.js';
import { runChaos } from './run-chaos.js';
import { Clocks } from './target/clocks.js';
import { singleHost } from './target/single-host.js';
import { sites } from './target/sites.js';
import type { StackTarget } from './target/stack-target.js';
import { chaosPaths, chaosState, type TargetOptions } from './target/target-options.js';

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
  if (!isInRoom()) {
    const why = whyNoRoom();
    if (why === undefined) {
      await downloadGround();
      return runInRoom();
    }
    say(why);
  }
  if (Clocks.library === undefined) say('Clocks cannot be moved without libfaketime: apt-get install libfaketime; that kind is left out.');
  process.env['TOCSIN_CHANNEL_SMS_RATE'] ??= String(options.rate);
  process.env['TOCSIN_CHANNEL_EMAIL_RATE'] ??= String(Math.max(5, Math.round(options.rate / 3)));
  return play(options);
}

/** There is no network in the room to download through. */
async function downloadGround(): Promise<void> {
  const { root, cache } = chaosPaths(undefined);
  await ensureJars({ sourceDir: join(root, 'deploy', 'ground'), cacheDir: cache, progress: say });
}

async function play(options: ChaosOptions): Promise<number> {
  let end: (how: { code: number; sentence?: string }) => void = () => undefined;
  const ended = new Promise<{ code: number; sentence?: string }>((resolve) => (end = resolve));
  // npm and the terminal may both pass a Ctrl-C on: the second one changes nothing.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end({ code: INTERRUPTED }));
  if (isInRoom()) onRoomClosed(() => end({ code: INTERRUPTED }));
  const { tree, minutes } = options;
  const target = makeTarget(options, { tree, minutes, say, broken: (sentence) => end({ code: 1, sentence }) });
  const planFile = join(chaosState(), `plan-${options.seed}.json`);
  try {
    const work = options.scenario?.run({ options, target, say }) ?? runChaos({ options, target, planFile, say });
    const done = await Promise.race([work, ended]);
    if (!('ok' in done)) {
      if (done.sentence !== undefined) say(done.sentence);
      return done.code;
    }
    if (!done.ok && options.scenario === undefined)
      say(`The run of seed ${options.seed} failed; its plan is ${planFile}, and the same options replay it.`);
    process.stdout.write(`${JSON.stringify(done)}\n`);
    return done.ok ? 0 : 1;
  } finally {
    await target.stop();
  }
}

function makeTarget({ target }: ChaosOptions, options: TargetOptions): StackTarget {
  switch (target) {
    case 'single-host':
      return singleHost(options);
    case 'sites':
      return sites(options);
  }
}
