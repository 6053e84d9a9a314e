import { Lane } from './gen/tocsin/common/v1/common.js';

/** Lanes from the most to the least severe, with the name used in topics and metrics. */
export const LANES = [
  { lane: Lane.LIFE_SAFETY, name: 'life-safety' },
  { lane: Lane.URGENT, name: 'urgent' },
  { lane: Lane.STANDARD, name: 'standard' },
  { lane: Lane.BULK, name: 'bulk' },
] as const;

export type LaneName = (typeof LANES)[number]['name'];

export function laneName(lane: Lane): LaneName {
  const row = LANES.find((candidate) => candidate.lane === lane);
  if (!row) throw new RangeError(`no such lane: ${lane}`);
  return row.name;
}
