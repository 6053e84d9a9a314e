import { join } from 'node:path';
import type { StackOptions } from './options.js';
import type { StackPaths } from './stack/paths.js';
import { SitesStack } from './sites/sites-stack.js';
import { requirePlatformKey, restoreFirst } from './restore-first.js';
import { Supervisor } from './stack/supervisor.js';

/** How often the supervisor looks whether the process that started it still lives. */
const PARENT_LOOK_MS = 1_000;
/** As a shell says of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** Starts everything, runs the demo when asked, and leaves nothing running whatever happens; answers the exit code. */
export async function runStack(options: StackOptions, paths: StackPaths): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  // A run that is to end by itself and did not is no success.
  const ending = new Ending(options.once ? INTERRUPTED : 0);
  const events = { progress: say, broken: (sentence: string) => ending.end(1, sentence) };
  const supervisor = options.sites ? new SitesStack(paths, process.env, events).supervisor : new Supervisor(paths, process.env, events);
  const work = async (): Promise<number> => {
    const begun = performance.now();
    if (options.restore) requirePlatformKey(paths);
    await supervisor.startGround();
    const groundSeconds = (performance.now() - begun) / 1_000;
    say(`Ground up: ${Object.values(supervisor.ground.versions).join(', ')}.`);
    const restored = options.restore && (await restoreFirst(supervisor, options.restore));
    await supervisor.startServices();
    // From the command to the moment everything answers: what RTO means.
    if (restored) process.stdout.write(`${JSON.stringify({ ...restored, readySeconds: secondsSince(begun) })}\n`);
    say(`Every service is ready; logs in ${paths.logs}, gateway at 127.0.0.1:${supervisor.gatewayPort()}.`);
    if (options.command === 'stack') {
      say('Press Ctrl-C to drain and stop.');
      return ending.ended.then(({ code }) => code);
    }
    const { runDemo } = await import('./job/run-demo.js');
    return runDemo({
      options,
      supervisor,
      say,
      print: (line) => void process.stdout.write(`${line}\n`),
      demoDir: join(paths.state, 'demo'),
      startedAt: Number(process.env['TOCSIN_STACK_STARTED_AT'] ?? Date.now()),
      groundSeconds,
      ended: ending.ended,
    });
  };
  try {
    return await Promise.race([work(), ending.ended.then(({ code, sentence }) => (sentence === undefined ? code : refuse(sentence)))]);
  } finally {
    await supervisor.stop();
  }
}

function secondsSince(begun: number): number {
  return Math.round((performance.now() - begun) / 100) / 10;
}

function refuse(sentence: string): never {
  throw new Error(sentence);
}

/** Ctrl-C, SIGTERM, the death of the starter, or something broken: whichever comes first ends the stack once. */
class Ending {
  readonly ended: Promise<{ readonly code: number; readonly sentence: string | undefined }>;
  #resolve: (end: { code: number; sentence: string | undefined }) => void = () => undefined;

  constructor(interruptedCode: number) {
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    // npm and the terminal may both pass a Ctrl-C on: the second one changes nothing.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.end(interruptedCode));
    const starter = process.ppid;
    setInterval(() => process.ppid !== starter && this.end(interruptedCode), PARENT_LOOK_MS).unref();
  }

  end(code: number, sentence?: string): void {
    this.#resolve({ code, sentence });
  }
}
