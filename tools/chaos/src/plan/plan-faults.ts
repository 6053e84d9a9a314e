import type { Chooser } from './chooser.js';
import type { FaultKind, Subject } from './fault-kinds.js';

/** Before the first fault campaigns are under way, ms. */
const LEAD_IN_MS = 12_000;
/** After the last fault's end, ms. */
const LEAD_OUT_MS = 15_000;
/** What a fault that is over at once needs until the process it hit is ready again, ms. */
const RESTART_MS = 6_000;
/** Part of the faults that begin while the one before still lasts. */
const OVERLAPPING = 0.2;
/** Time to recover between two faults that do not overlap, ms, before it is fitted to the run. */
const RECOVERY_MS = { from: 8_000, to: 16_000 } as const;
/** Faults a minute of a run that says nothing of them: 44 in 20 minutes. */
const FAULTS_A_MINUTE = 2.2;
/** No fault is made shorter than this to fit the run, ms. */
const SHORTEST_MS = 3_000;

/** Names of what can be hit, by subject; 'scheduler-owner' is known only as it is hit. */
export type Subjects = Readonly<Record<Exclude<Subject, 'scheduler-owner'>, readonly string[]>>;

export interface PlannedFault {
  readonly index: number;
  /** ms after the first release. */
  readonly at: number;
  readonly kind: string;
  /** A process, a channel, a site or a link; '' = the scheduler's owner of the moment. */
  readonly subject: string;
  /** ms it lasts; 0 = over at once. */
  readonly lasts: number;
  /** Begins while the one before lasts. */
  readonly overlaps: boolean;
  /** In [0, 1): how strong it is, where its kind has a strength. */
  readonly strength: number;
}

export function faultCount(minutes: number): number {
  return Math.max(1, Math.round(minutes * FAULTS_A_MINUTE));
}

/** So many faults within the run: every kind once if there is room, the rest drawn, most of them alone, some overlapping the one before. */
export function planFaults(
  choose: Chooser,
  kinds: readonly FaultKind[],
  subjects: Subjects,
  runMs: number,
  count: number,
): readonly PlannedFault[] {
  const possible = kinds.filter(({ subject }) => subject === 'scheduler-owner' || subjects[subject].length > 0);
  if (possible.length === 0 || count === 0) return [];
  const drawn = choose.shuffled([
    ...choose.shuffled(possible).slice(0, count),
    ...Array.from({ length: Math.max(0, count - possible.length) }, () => choose.of(possible)),
  ]);
  const wishes = drawn.map((kind, place) => ({
    kind,
    subject: kind.subject === 'scheduler-owner' ? '' : choose.of(subjects[kind.subject]),
    // Squared: most are short, some last long.
    lasts: Math.round(1_000 * (kind.seconds[0] + (kind.seconds[1] - kind.seconds[0]) * choose.between(0, 1) ** 2)),
    overlaps: place > 0 && choose.chance(OVERLAPPING),
    recovery: choose.between(RECOVERY_MS.from, RECOVERY_MS.to),
    inside: choose.between(0.2, 0.8),
    strength: choose.between(0, 1),
  }));
  const taken = ({ lasts }: { lasts: number }): number => (lasts === 0 ? RESTART_MS : lasts);
  const room = runMs - LEAD_IN_MS - LEAD_OUT_MS;
  const alone = wishes.filter((_, place) => wishes[place + 1]?.overlaps !== true);
  const lasting = wishes.reduce((sum, wish) => sum + taken(wish), 0);
  const recovering = alone.reduce((sum, { recovery }) => sum + recovery, 0);
  // Recovery gets what is left, but never less than half of what it wants: then the faults are made shorter.
  const shorter = Math.min(1, Math.max(0, room - recovering / 2) / lasting);
  const stretch = Math.max(0.1, (room - lasting * shorter) / recovering);
  let next = LEAD_IN_MS;
  return wishes.map(({ kind, subject, lasts: wanted, overlaps, recovery, inside, strength }, index) => {
    const lasts = wanted === 0 ? 0 : Math.max(SHORTEST_MS, Math.round(wanted * shorter));
    const at = Math.round(next);
    const last = wishes[index + 1]?.overlaps !== true;
    next += last ? taken({ lasts }) * (lasts === 0 ? shorter : 1) + recovery * stretch : taken({ lasts }) * inside;
    return { index, at, kind: kind.name, subject, lasts, overlaps, strength };
  });
}
