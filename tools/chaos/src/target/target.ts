import type { Ability } from '../plan/fault-kinds.js';
import type { Subjects } from '../plan/plan-faults.js';
import type { Clocks } from './clocks.js';
import type { SmallDisks } from './small-disks.js';

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

/** Links of the target by name: what they are is the target's affair. */
export interface LinkControl {
  /** Its packets are dropped until healed. */
  cut(link: string): Promise<void>;
  /** It becomes slow until healed; `strength` in [0, 1). */
  slow(link: string, strength: number): Promise<void>;
  heal(link: string): Promise<void>;
  healAll(): Promise<void>;
}

/** What people do with sites. */
export interface SiteMaintenance {
  drain(site: string): Promise<void>;
  giveBack(site: string): Promise<void>;
  /** The other site and the witness's broker are lost for good. */
  loseAllBut(site: string): Promise<void>;
  /** By hand: the site alone becomes the platform. */
  promote(site: string, epoch: number): Promise<void>;
}

/** What chaos needs of the stack it plays with: any stack that offers this can be run against. */
export interface Target {
  readonly abilities: ReadonlySet<Ability>;
  /** What can be hit by name, known before anything runs. */
  readonly subjects: Subjects;
  readonly links: LinkControl | undefined;
  readonly clocks: Clocks | undefined;
  readonly disks: SmallDisks | undefined;
  /** host:port of every gateway. */
  readonly gateways: readonly string[];
  /** Messages a second each channel's provider takes when nothing is wrong. */
  readonly rates: Readonly<Record<string, number>>;
  /** Kind and versions of what it stands on. */
  readonly ground: Readonly<Record<string, string>>;
  processes(): readonly TargetProcess[];
  /** On an empty ground; resolves when everything is ready. */
  start(): Promise<void>;
  /** Undoes what is undone by nobody else and leaves nothing running. */
  stop(): Promise<void>;
  /** Key of the platform's first administrator. */
  adminKey(): Promise<string>;
  /** Ledger file of a channel's provider stand-in. */
  ledger(channel: string): string;
  /** kill -9; started again after so many ms at the earliest. */
  kill(name: string, downForMs: number): boolean;
  signal(name: string, signal: 'SIGSTOP' | 'SIGCONT'): boolean;
  /** SIGTERM and a drain, then started again; resolves when everything is ready. */
  restart(name: string): Promise<void>;
  /** Takes a site out of service and gives it back, with no interruption; undefined = it has no sites that stand alone. */
  readonly maintenance: SiteMaintenance | undefined;
  /** Names of what is not ready. */
  notReady(): Promise<readonly string[]>;
}
