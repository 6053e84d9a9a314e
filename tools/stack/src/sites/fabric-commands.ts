import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { TocsinError } from '@tocsin/errors';
import type { Words } from './network-plan.js';

/** A command changes one entry of a kernel table: milliseconds, more on a busy machine. */
const COMMAND_DEADLINE_MS = 20_000;

const execute = promisify(execFile);

/** Runs the system's own network tools, one after the other. */
export class FabricCommands {
  /** Throws one sentence with what the tool said. */
  async run([program, ...args]: Words): Promise<string> {
    if (program === undefined) throw new Error('a command has a program');
    try {
      const { stdout } = await execute(program, args, { timeout: COMMAND_DEADLINE_MS });
      return stdout;
    } catch (failure) {
      const said = failure instanceof Error && 'stderr' in failure ? String(failure.stderr).trim() : String(failure);
      throw new TocsinError(
        'FAILED_PRECONDITION',
        'NETWORK_COMMAND_FAILED',
        `${program} ${args.join(' ')} failed: ${said || 'no reason given'}.`,
        {
          cause: failure,
        },
      );
    }
  }

  async tryRun(words: Words): Promise<void> {
    await this.run(words).catch(() => undefined);
  }

  async namespaces(): Promise<readonly string[]> {
    const list = await this.run(['ip', 'netns', 'list']);
    return list.split('\n').flatMap((line) => line.trim().split(/\s+/)[0] || []);
  }
}

/** What this machine lacks for places with networks of their own, as one sentence with its remedy; undefined when nothing. */
export async function fabricFault(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'Sites with networks of their own need Linux: run this in a Linux machine or container.';
  if (process.getuid?.() !== 0) return 'Sites with networks of their own need root: run this as root, e.g. with sudo -E.';
  const run = new FabricCommands();
  for (const [program, flag] of [
    ['ip', '-V'],
    ['iptables', '--version'],
    ['nsenter', '--version'],
  ] as const) {
    try {
      await run.run([program, flag]);
    } catch {
      return `Sites with networks of their own need ${program}: install it, e.g. apt-get install iproute2 iptables util-linux.`;
    }
  }
  const trial = `tocsin-trial-${process.pid}`;
  try {
    await run.run(['ip', 'netns', 'add', trial]);
    await run.run(['ip', 'netns', 'exec', trial, 'iptables', '-w', '-L', '-n']);
    return undefined;
  } catch {
    return 'This machine lets nobody make network namespaces: run this where they are allowed (a container needs --privileged).';
  } finally {
    await run.tryRun(['ip', 'netns', 'del', trial]);
  }
}
