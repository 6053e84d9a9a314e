import type { Subjects } from '../plan/plan-faults.js';
import type { Ability } from '../plan/fault-kinds.js';

export interface TargetProcess {
  readonly name: string;
  readonly kind: 'service' | 'stand-in' | 'ground';
  /** Of a service: its name without the instance ("channel-sms" of "channel-sms-2"). */
  readonly service: string;
  /** Where it runs; '' = at no site. */
  readonly site: string;
  /** Base address of its HTTP surface; '' = it has none. */
  readonly http: string;
}

/** What chaos needs of the stack it plays with: any stack that offers this can be run against. */
export interface Target {
  readonly abilities: ReadonlySet<Ability>;
  /** What can be hit by name, known before anything runs. */
  readonly subjects: Subjects;
  /** host:port of every gateway. */
  readonly gateways: readonly string[];
  /** Messages a second each channel's provider takes when nothing is wrong. */
  readonly rates: Readonly<Record<string, number>>;
  /** Kind and versions of what it stands on. */
  readonly ground: Readonly<Record<string, string>>;
  processes(): readonly TargetProcess[];
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Key of the platform's first administrator. */
  adminKey(): Promise<string>;
  /** Ledger file of a channel's provider stand-in. */
  ledger(channel: string): string;
  kill(name: string): boolean;
  signal(name: string, signal: 'SIGSTOP' | 'SIGCONT'): boolean;
  /** SIGTERM and a drain, then started again; resolves when it is ready. */
  restart(name: string): Promise<void>;
  /** Names of what is not ready. */
  notReady(): Promise<readonly string[]>;
  /** A link's packets are dropped until healed. */
  cut?(link: string): Promise<void>;
  /** A link loses so many of its packets (0 to 1) until healed. */
  narrow?(link: string, loss: number): Promise<void>;
  heal?(link: string): Promise<void>;
  /** Fills the disk of a part of the ground; emptied by `emptyDisk`. */
  fillDisk?(name: string): Promise<void>;
  emptyDisk?(name: string): Promise<void>;
  /** Moves the wall clock of a service by so many seconds; 0 = back to the truth. */
  stepClock?(name: string, seconds: number): Promise<void>;
}
