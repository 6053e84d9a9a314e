/** What a target must be able to do for a kind of fault; a kind that cannot be had is left out and named in the coverage. */
export type Ability = 'processes' | 'ground' | 'providers' | 'network' | 'disk' | 'clock';

export interface FaultKind {
  readonly name: string;
  readonly needs: Ability;
  /** Shortest and longest, seconds; [0, 0] is over at once. What is killed stays away so long, and the fault ends when it is ready again. */
  readonly seconds: readonly [number, number];
  /** What is hit: a service of this role, a channel's provider, the ground's part of this name. */
  readonly subject: Subject;
}

export type Subject =
  'any-service' | 'channel' | 'scheduler-owner' | 'site' | 'broker' | 'store' | 'provider' | 'sms-provider' | 'clocked-service' | 'link';

/** Every kind of fault there is; the order decides nothing. */
export const FAULT_KINDS: readonly FaultKind[] = [
  { name: 'kill-service', needs: 'processes', seconds: [0, 0], subject: 'any-service' },
  { name: 'kill-channel', needs: 'processes', seconds: [0, 0], subject: 'channel' },
  { name: 'kill-scheduler-owner', needs: 'processes', seconds: [0, 0], subject: 'scheduler-owner' },
  { name: 'kill-site', needs: 'processes', seconds: [5, 30], subject: 'site' },
  { name: 'kill-broker', needs: 'ground', seconds: [0, 0], subject: 'broker' },
  { name: 'kill-store', needs: 'ground', seconds: [0, 0], subject: 'store' },
  { name: 'kill-provider', needs: 'providers', seconds: [0, 0], subject: 'provider' },
  { name: 'freeze-service', needs: 'processes', seconds: [5, 60], subject: 'any-service' },
  { name: 'freeze-channel', needs: 'processes', seconds: [5, 60], subject: 'channel' },
  { name: 'freeze-scheduler-owner', needs: 'processes', seconds: [10, 60], subject: 'scheduler-owner' },
  { name: 'freeze-site', needs: 'processes', seconds: [5, 30], subject: 'site' },
  { name: 'freeze-broker', needs: 'ground', seconds: [5, 30], subject: 'broker' },
  { name: 'freeze-store', needs: 'ground', seconds: [5, 30], subject: 'store' },
  { name: 'provider-down', needs: 'providers', seconds: [5, 30], subject: 'provider' },
  { name: 'provider-slow', needs: 'providers', seconds: [5, 30], subject: 'provider' },
  { name: 'provider-throttling', needs: 'providers', seconds: [5, 30], subject: 'provider' },
  { name: 'provider-nonsense', needs: 'providers', seconds: [5, 20], subject: 'provider' },
  { name: 'provider-mute', needs: 'providers', seconds: [5, 20], subject: 'provider' },
  { name: 'receipts-duplicated', needs: 'providers', seconds: [10, 30], subject: 'sms-provider' },
  { name: 'receipts-late', needs: 'providers', seconds: [10, 30], subject: 'sms-provider' },
  { name: 'receipts-reordered', needs: 'providers', seconds: [10, 30], subject: 'sms-provider' },
  { name: 'receipts-dropped', needs: 'providers', seconds: [5, 20], subject: 'sms-provider' },
  { name: 'receipts-early', needs: 'providers', seconds: [5, 20], subject: 'sms-provider' },
  { name: 'disk-full-broker', needs: 'disk', seconds: [5, 20], subject: 'broker' },
  { name: 'disk-full-store', needs: 'disk', seconds: [5, 20], subject: 'store' },
  { name: 'clock-step', needs: 'clock', seconds: [10, 40], subject: 'clocked-service' },
  { name: 'network-cut', needs: 'network', seconds: [5, 60], subject: 'link' },
  { name: 'network-delay', needs: 'network', seconds: [10, 40], subject: 'link' },
];
