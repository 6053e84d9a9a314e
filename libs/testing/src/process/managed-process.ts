import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readSync, fstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { readStartTicks, readUsage, type ProcessUsage } from './process-usage.js';

/** Bytes of the end of a log that are shown when a process fails: some thirty lines. */
const TAIL_BYTES = 8_192;

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Standard output and error are appended here. */
  readonly logFile: string;
  /** Keeps a pipe on standard input open; the child ends itself when the pipe breaks. */
  readonly tethered?: boolean;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One child in a process group of its own, so that a Ctrl-C in the terminal reaches only the one who decides the order of the end. */
export class ManagedProcess {
  readonly name: string;
  readonly pid: number;
  readonly startTicks: number | undefined;
  readonly exited: Promise<ProcessExit>;
  #exit: ProcessExit | undefined;
  #usage: ProcessUsage = { peakRssMiB: 0, cpuSeconds: 0 };
  readonly #logFile: string;

  private constructor(
    /** How it was started: starting it again is starting this. */
    readonly spec: ProcessSpec,
    child: ChildProcess,
    pid: number,
  ) {
    this.name = spec.name;
    this.pid = pid;
    this.#logFile = spec.logFile;
    this.startTicks = readStartTicks(pid);
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#exit = { code, signal };
        resolve(this.#exit);
      });
    });
  }

  /** Rejects when the command cannot be run at all (ENOENT, ENOSPC). */
  static async start(spec: ProcessSpec): Promise<ManagedProcess> {
    mkdirSync(dirname(spec.logFile), { recursive: true });
    const log = openSync(spec.logFile, 'a', 0o600);
    try {
      const child = spawn(spec.command, [...spec.args], {
        cwd: spec.cwd,
        env: { ...spec.env },
        detached: true,
        stdio: [spec.tethered === true ? 'pipe' : 'ignore', log, log],
      });
      // A pipe that breaks because the child ended says nothing that `exited` does not.
      child.stdin?.on('error', () => undefined);
      const failed = new Promise<never>((_, reject) => child.once('error', reject));
      const pid = child.pid;
      if (pid === undefined) return await failed;
      failed.catch(() => undefined);
      return new ManagedProcess(spec, child, pid);
    } finally {
      closeSync(log);
    }
  }

  /** How it ended; undefined while it runs. */
  get exit(): ProcessExit | undefined {
    return this.#exit;
  }

  /** To the whole process group; false when it is gone. */
  signal(signal: NodeJS.Signals): boolean {
    if (this.#exit !== undefined) return false;
    try {
      process.kill(-this.pid, signal);
      return true;
    } catch {
      return false;
    }
  }

  /** SIGTERM, then SIGKILL when it still runs after deadlineMs milliseconds. */
  async stop(deadlineMs: number): Promise<ProcessExit> {
    this.sampleUsage();
    this.signal('SIGTERM');
    // One that is frozen hears it only once it goes on.
    this.signal('SIGCONT');
    const timer = setTimeout(() => this.signal('SIGKILL'), deadlineMs);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }

  /** The largest figures seen so far; reading them again keeps the last ones when the process has gone. */
  sampleUsage(): ProcessUsage {
    if (this.#exit === undefined) this.#usage = readUsage(this.pid) ?? this.#usage;
    return this.#usage;
  }

  /** The end of its log. */
  tail(): string {
    return readTail(this.#logFile);
  }
}

/** The last lines of a file, '' when there is none. */
export function readTail(file: string): string {
  try {
    const handle = openSync(file, 'r');
    try {
      const size = fstatSync(handle).size;
      const buffer = Buffer.alloc(Math.min(TAIL_BYTES, size));
      readSync(handle, buffer, 0, buffer.length, size - buffer.length);
      return buffer.toString('utf8');
    } finally {
      closeSync(handle);
    }
  } catch {
    return '';
  }
}
