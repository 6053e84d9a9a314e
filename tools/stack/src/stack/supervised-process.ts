import { ManagedProcess, type ProcessSpec, type ProcessUsage } from '@tocsin/testing';

/** First wait before a restart, ms. */
const FIRST_BACKOFF_MS = 200;
/** Longest wait before a restart, ms. */
const LAST_BACKOFF_MS = 5_000;
/** One that ran this long had recovered: its next restart is quick again. */
const RECOVERED_AFTER_MS = 30_000;

/** That a process ended though nobody asked it to. */
export interface ProcessEnd {
  /** Unix ms. */
  readonly at: number;
  /** A signal's name or an exit code. */
  readonly how: string;
}

/** Ends kept a process: enough to see that it ends again and again. */
const KEPT_ENDS = 5;

export interface SupervisedEvents {
  /** After each start, so that the stack's state can be written down. */
  started(): void;
  /** It ended though nobody asked it to; a restart follows after `restartInMs`. */
  ended(name: string, how: string, restartInMs: number): void;
}

/** Keeps one process running: restarts it with back-off until it is told to stop, and adds up what all its incarnations used. */
export class SupervisedProcess {
  readonly name: string;
  #current: ManagedProcess | undefined;
  #stopping = false;
  #backoffMs = FIRST_BACKOFF_MS;
  /** Monotonic ms before which it is not started again. */
  #notBefore = 0;
  #pending: NodeJS.Timeout | undefined;
  #restarts = 0;
  readonly #ends: ProcessEnd[] = [];
  #past: ProcessUsage = { peakRssMiB: 0, cpuSeconds: 0 };

  constructor(
    private readonly spec: ProcessSpec,
    private readonly events: SupervisedEvents,
  ) {
    this.name = spec.name;
  }

  /** Keeps running what somebody else has started, in the same way from its next end on. */
  static adopt(running: ManagedProcess, events: SupervisedEvents): SupervisedProcess {
    const adopted = new SupervisedProcess(running.spec, events);
    adopted.#watch(running);
    return adopted;
  }

  get current(): ManagedProcess | undefined {
    return this.#current;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** The latest ends nobody asked for, oldest first. */
  get ends(): readonly ProcessEnd[] {
    return this.#ends;
  }

  async start(): Promise<void> {
    this.#watch(await ManagedProcess.start(this.spec));
  }

  #watch(running: ManagedProcess): void {
    const begun = performance.now();
    this.#current = running;
    this.events.started();
    void running.exited.then(({ code, signal }) => {
      this.#keepUsage(running);
      if (this.#stopping) return;
      if (performance.now() - begun > RECOVERED_AFTER_MS) this.#backoffMs = FIRST_BACKOFF_MS;
      this.#ends.push({ at: Date.now(), how: signal ?? `exit code ${code}` });
      if (this.#ends.length > KEPT_ENDS) this.#ends.shift();
      this.events.ended(this.name, signal ?? `exit code ${code}`, this.#waitMs());
      this.#restartLater();
    });
    // Told to stop while it was being started.
    if (this.#stopping) running.signal('SIGTERM');
  }

  /** Peak over all incarnations, CPU of all together. */
  usage(): ProcessUsage {
    const now = this.#current?.exit === undefined ? this.#current?.sampleUsage() : undefined;
    return {
      peakRssMiB: Math.max(this.#past.peakRssMiB, now?.peakRssMiB ?? 0),
      cpuSeconds: this.#past.cpuSeconds + (now?.cpuSeconds ?? 0),
    };
  }

  /** kill -9; the restart follows as after any other end, `downForMs` milliseconds later at the earliest. False when it is not running. */
  kill(downForMs = 0): boolean {
    this.#notBefore = performance.now() + downForMs;
    this.#current?.sampleUsage();
    return this.#current?.signal('SIGKILL') ?? false;
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#pending);
    await this.#current?.stop(deadlineMs);
  }

  /** Starts again what was stopped; nothing happens to one that is kept running. */
  async again(): Promise<void> {
    if (!this.#stopping) return;
    this.#stopping = false;
    this.#backoffMs = FIRST_BACKOFF_MS;
    await this.start();
  }

  #restartLater(): void {
    const wait = this.#waitMs();
    this.#backoffMs = Math.min(LAST_BACKOFF_MS, this.#backoffMs * 2);
    this.#pending = setTimeout(() => {
      if (this.#stopping) return;
      this.#restarts += 1;
      this.start().catch((failure: unknown) => {
        this.events.ended(this.name, String(failure), this.#backoffMs);
        this.#restartLater();
      });
    }, wait);
  }

  #waitMs(): number {
    return Math.max(this.#backoffMs, Math.round(this.#notBefore - performance.now()));
  }

  #keepUsage(ended: ManagedProcess): void {
    const last = ended.sampleUsage();
    this.#past = { peakRssMiB: Math.max(this.#past.peakRssMiB, last.peakRssMiB), cpuSeconds: this.#past.cpuSeconds + last.cpuSeconds };
  }
}
