import { setTimeout as wait } from 'node:timers/promises';
import type { PlannedFault } from '../plan/plan-faults.js';
import type { Target, TargetProcess } from '../target/target.js';
import type { FaultLog } from './fault-log.js';
import type { InDoubtWatch } from './in-doubt-watch.js';
import { knobsOf } from './provider-knobs.js';
import { schedulerOwner } from './scheduler-owner.js';
import { turnKnobs } from './turn-knobs.js';

/** A process that was killed may take connections for so long, ms. */
const DYING_MS = 1_000;
/** A process that was killed is ready again within this, or the run goes on without waiting for it, ms. */
const READY_DEADLINE_MS = 60_000;
const READY_LOOK_MS = 200;
/** The in-doubt window is looked for from so long before the fault on, ms: two looks. */
const BEFORE_MS = 2_200;

export interface InjectorParts {
  readonly target: Target;
  readonly doubt: InDoubtWatch;
  readonly say: (line: string) => void;
}

/** A clock steps by at most so many seconds either way. */
const MOST_SECONDS = 300;

function stepSeconds(strength: number): number {
  return Math.round((strength * 2 - 1) * MOST_SECONDS);
}

/** Does each planned fault to the target at its time and undoes it. */
export class Injector {
  readonly logs: FaultLog[] = [];
  readonly #frozen = new Set<string>();
  #lasting = 0;
  #startedBefore = 0;

  constructor(private readonly parts: InjectorParts) {}

  /** Resolves when every fault is over; `begun` is the moment of the first release, Unix ms. */
  async run(faults: readonly PlannedFault[], begun: number): Promise<void> {
    await Promise.all(
      faults.map(async (fault) => {
        await wait(Math.max(0, begun + fault.at - Date.now()));
        await this.#one(fault);
      }),
    );
  }

  async #one(fault: PlannedFault): Promise<void> {
    const { target, doubt, say } = this.parts;
    const subject = fault.subject === '' ? await schedulerOwner(target, 'sms') : fault.subject;
    await doubt.look();
    const others = this.#lasting > 0;
    const order = (this.#startedBefore += 1);
    this.#lasting += 1;
    const startedAt = Date.now();
    say(`Fault ${fault.index}: ${fault.kind} ${subject}${fault.lasts > 0 ? ` for ${(fault.lasts / 1_000).toFixed(1)} s` : ''}.`);
    try {
      const undo = await this.#begin(fault, subject);
      await wait(fault.lasts);
      await undo();
      if (fault.kind.startsWith('kill-')) await this.#untilReady(fault.kind, subject);
    } finally {
      this.#lasting -= 1;
    }
    const endedAt = Date.now();
    this.logs.push({
      index: fault.index,
      kind: fault.kind,
      subject,
      startedAt,
      endedAt,
      inDoubt: doubt.sum(this.#concerned(fault.kind, subject), startedAt - BEFORE_MS, endedAt),
      overlapped: others || this.#startedBefore > order,
    });
  }

  /** Starts it and answers how to undo it. */
  async #begin(fault: PlannedFault, subject: string): Promise<() => Promise<void>> {
    const { target } = this.parts;
    const names = fault.kind.endsWith('-site') ? this.#ofSite(subject).map(({ name }) => name) : [subject];
    const [verb] = fault.kind.split('-');
    switch (verb) {
      case 'kill':
        for (const name of names) target.kill(fault.kind === 'kill-provider' ? `stand-in-${name}` : name, fault.lasts);
        return async () => undefined;
      case 'freeze':
        for (const name of names) {
          target.signal(name, 'SIGSTOP');
          this.#frozen.add(name);
        }
        return async () =>
          names.forEach((name) => {
            target.signal(name, 'SIGCONT');
            this.#frozen.delete(name);
          });
      case 'provider':
      case 'receipts': {
        const standIn = target.processes().find(({ name }) => name === `stand-in-${subject}`);
        const { during, after } = knobsOf(fault.kind, subject, target.rates[subject] ?? 1, fault.strength);
        await turnKnobs(standIn?.http ?? '', during);
        return () => turnKnobs(standIn?.http ?? '', after);
      }
      case 'network':
        if (fault.kind === 'network-cut') await target.links?.cut(subject);
        else await target.links?.slow(subject, fault.strength);
        return async () => target.links?.heal(subject);
      case 'disk':
        await target.disks?.fill(subject);
        return async () => target.disks?.empty(subject);
      case 'clock':
        target.clocks?.step(subject, stepSeconds(fault.strength));
        return async () => target.clocks?.step(subject, 0);
      default:
        throw new Error(`Nobody knows how to do "${fault.kind}".`);
    }
  }

  /** Channel instances whose submissions this may leave in doubt: those hit; all of a channel for its provider, all for the ground. */
  #concerned(kind: string, subject: string): readonly string[] {
    const channels = this.parts.target.processes().filter(({ service }) => service.startsWith('channel-'));
    if (kind.endsWith('-site')) return channels.filter(({ site }) => site === subject).map(({ name }) => name);
    if (kind.startsWith('provider-') || kind === 'kill-provider') {
      return channels.filter(({ service }) => service === `channel-${subject}`).map(({ name }) => name);
    }
    const hit = channels.filter(({ name }) => name === subject);
    return (hit.length > 0 ? hit : channels).map(({ name }) => name);
  }

  #ofSite(site: string): readonly TargetProcess[] {
    return this.parts.target.processes().filter((process) => process.site === site);
  }

  /** Until what was killed is ready again; after a part of the ground, all that is not frozen by another fault. */
  async #untilReady(kind: string, subject: string): Promise<void> {
    const own = kind === 'kill-site' ? this.#ofSite(subject).map(({ name }) => name) : [subject];
    const concerns = (name: string): boolean => (/-(broker|store|provider)$/.test(kind) ? !this.#frozen.has(name) : own.includes(name));
    await wait(DYING_MS);
    const end = performance.now() + READY_DEADLINE_MS;
    while ((await this.parts.target.notReady()).some(concerns) && performance.now() < end) await wait(READY_LOOK_MS);
  }
}
