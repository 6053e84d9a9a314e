import type { Scrape } from './scrape.js';

/** What one look at an installation found; everything the diagnosis knows. */
export interface Facts {
  /** Unix ms. */
  readonly at: number;
  /** Seconds between the two looks at counters. */
  readonly seconds: number;
  readonly processes: readonly ProcessFacts[];
  /** undefined: it was not asked, for want of its address. */
  readonly kafka: KafkaFacts | undefined;
  readonly store: StoreFacts | undefined;
  readonly disks: readonly DiskFacts[];
  /** undefined: nobody said where backups are. */
  readonly backup: BackupFacts | undefined;
}

export interface BackupFacts {
  readonly folder: string;
  /** Unix ms at which the last complete one was begun; 0 = there is none. */
  readonly takenAt: number;
}

export interface ProcessFacts {
  /** "routing", "routing-2": one instance. */
  readonly name: string;
  /** "routing": what its instances have in common. */
  readonly service: string;
  readonly kind: 'service' | 'ground' | 'stand-in';
  /** Site it stands at; '' where that is not known. */
  readonly place: string;
  /** How its process is, where it runs on this machine. */
  readonly state: 'runs' | 'stopped' | 'gone' | 'unknown';
  /** Its latest ends that nobody asked for, oldest first. */
  readonly ends: readonly { readonly at: number; readonly how: string }[];
  readonly probe: ProbeFacts;
}

export interface ProbeFacts {
  /** 'silent': connected and not answered in time, as a frozen process does; 'none': it has no HTTP surface. */
  readonly answer: 'yes' | 'silent' | 'refused' | 'none';
  readonly live: boolean;
  readonly ready: boolean;
  /** What stands against being ready. */
  readonly waiting: readonly string[];
  /** Its figures now, and how much its counters grew between the two looks. */
  readonly metrics: Scrape;
}

export interface KafkaFacts {
  readonly reachable: boolean;
  /** Why not. */
  readonly error: string;
  /** Nodes in its addresses, and those that are up. */
  readonly nodesExpected: number;
  readonly nodes: number;
  readonly partitions: readonly { readonly topic: string; readonly leader: number; readonly copies: number; readonly inSync: number }[];
  readonly deadLetters: readonly DeadLetterFacts[];
}

export interface DeadLetterFacts {
  readonly topic: string;
  /** Not sent again yet. */
  readonly waiting: number;
  readonly reasons: readonly string[];
  readonly groups: readonly string[];
  /** Unix ms of the newest. */
  readonly newest: number;
}

export interface StoreFacts {
  readonly reachable: boolean;
  readonly error: string;
  /** ms of a point read. */
  readonly ms: number;
}

export interface DiskFacts {
  readonly path: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
}
