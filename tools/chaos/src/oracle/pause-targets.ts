import type { PauseFigures } from './pauses.js';

/** Longest pause of hand-overs (p99, ms) that each kind of fault may cause: issue 6. Kinds that take away what everybody needs have none. */
const TARGETS: readonly { readonly says: string; readonly kinds: RegExp; readonly target: number }[] = [
  { says: 'process killed', kinds: /^kill-(service|channel)$/, target: 5_000 },
  { says: 'scheduler owner killed', kinds: /^kill-scheduler-owner$/, target: 15_000 },
  { says: 'broker killed', kinds: /^kill-broker$/, target: 12_000 },
  { says: 'frozen', kinds: /^freeze-(service|channel|scheduler-owner|broker)$/, target: 25_000 },
  { says: 'site killed or frozen', kinds: /^(kill|freeze)-site$/, target: 30_000 },
];

export interface PauseTarget {
  readonly faults: number;
  readonly measured: number;
  readonly target: number;
  readonly met: boolean;
}

/** Each line of the issue beside what was measured, where a fault of its kinds happened alone. */
export function pauseTargets(byKind: Readonly<Record<string, PauseFigures>>): Readonly<Record<string, PauseTarget>> {
  return Object.fromEntries(
    TARGETS.flatMap(({ says, kinds, target }) => {
      const had = Object.entries(byKind).filter(([kind]) => kinds.test(kind));
      if (had.length === 0) return [];
      const measured = Math.max(...had.map(([, { p99 }]) => p99));
      const faults = had.reduce((sum, [, figures]) => sum + figures.faults, 0);
      return [[says, { faults, measured, target, met: measured <= target }]];
    }),
  );
}
