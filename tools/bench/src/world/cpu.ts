import type { Supervisor } from '../../../stack/dist/stack/supervisor.js';

/** CPU seconds of each process so far, by its name. */
export type CpuSeconds = ReadonlyMap<string, number>;

/** The process that plays the partner: this one. */
export const PARTNER = 'partner';

export interface Spent {
  readonly seconds: number;
  readonly used: CpuSeconds;
}

/** User and system time of every process of the stack over all its incarnations, and of this one. */
export function cpuSeconds(supervisor: Supervisor): CpuSeconds {
  const { user, system } = process.cpuUsage();
  const others = [...supervisor.usage()].map(([name, usage]): [string, number] => [name, usage.cpuSeconds]);
  return new Map([...others, [PARTNER, (user + system) / 1_000_000]]);
}

/** What each process used between two looks; one that started in between counts from nothing. */
export function usedBetween(before: CpuSeconds, after: CpuSeconds): CpuSeconds {
  return new Map([...after].map(([name, seconds]) => [name, seconds - (before.get(name) ?? 0)]));
}

/** Does some work and answers its duration and what every process used meanwhile. */
export async function spentBy(supervisor: Supervisor, work: () => Promise<void>): Promise<Spent> {
  const before = cpuSeconds(supervisor);
  const begun = performance.now();
  await work();
  return { seconds: (performance.now() - begun) / 1_000, used: usedBetween(before, cpuSeconds(supervisor)) };
}

/** Part of a core each process used over some pieces of work together, in hundredths. */
export function coresUsed(...pieces: readonly Spent[]): Readonly<Record<string, number>> {
  const seconds = pieces.reduce((sum, piece) => sum + piece.seconds, 0);
  const total = new Map<string, number>();
  for (const { used } of pieces) for (const [name, spent] of used) total.set(name, (total.get(name) ?? 0) + spent);
  return Object.fromEntries([...total].map(([name, spent]) => [name, Math.round((spent / seconds) * 100) / 100]));
}
