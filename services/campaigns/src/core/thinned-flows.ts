import type { LaneFlow } from '@tocsin/fairness';

/** Flows of a lane simulated one by one: a forecast of so many costs a few ms, and a late one needs dozens of forecasts. */
const MAX_FLOWS = 400;

/**
 * The same load with fewer flows: tenants that would be complete at about the same moment (units over weight) become one of their joint weight, which changes
 * hardly anything for the others. Those of `tenant` and paced ones stay as they are.
 */
export function thinned(flows: readonly LaneFlow[], tenant: string): readonly LaneFlow[] {
  if (flows.length <= MAX_FLOWS) return flows;
  const kept = flows.filter((flow) => flow.tenant === tenant || flow.pace !== undefined);
  const others = flows
    .filter((flow) => flow.tenant !== tenant && flow.pace === undefined)
    .map((flow) => ({ flow, units: flow.campaigns.reduce((sum, { units }) => sum + units, 0) }))
    .sort((a, b) => a.flow.lane - b.flow.lane || a.units / a.flow.weight - b.units / b.flow.weight);
  const together = Math.ceil(others.length / MAX_FLOWS);
  const joint: LaneFlow[] = [];
  for (let from = 0; from < others.length;) {
    const first = others[from];
    if (!first) break;
    const { lane, at } = first.flow;
    const group = others.slice(from, from + together).filter(({ flow }) => flow.lane === lane);
    const weight = group.reduce((sum, { flow }) => sum + flow.weight, 0);
    const units = group.reduce((sum, one) => sum + one.units, 0);
    const tenants = group.reduce((sum, { flow }) => sum + (flow.tenants ?? 1), 0);
    joint.push({ lane, weight, tenants, at, campaigns: [{ id: '', units }] });
    from += group.length;
  }
  return [...kept, ...joint];
}
