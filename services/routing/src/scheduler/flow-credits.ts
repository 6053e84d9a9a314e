/** Items a tenant that was idle may have granted beyond the window, once: one slice. */
export const CREDIT_ITEMS = 250;
/** Units granted beyond the window at once, all tenants together: what the outstanding set and a channel's memory are dimensioned for. */
export const MAX_OVERDRAWN = 4_000;

interface Flow {
  readonly lane: number;
  readonly tenant: string;
  backlogged: boolean;
  outstanding: number;
  credit: number;
  /** Units outstanding beyond the window. */
  overdrawn: number;
}

/** Who may overdraw the granted window: a tenant that had neither backlog nor grants, once, by a slice at most. */
export class FlowCredits {
  private readonly flows: Map<string, Flow>[];
  private readonly overdrawnByLane: number[];
  private total = 0;
  private readonly credited: Set<Flow>[];

  constructor(laneCount: number) {
    this.flows = Array.from({ length: laneCount }, () => new Map<string, Flow>());
    this.overdrawnByLane = Array.from({ length: laneCount }, () => 0);
    this.credited = Array.from({ length: laneCount }, () => new Set<Flow>());
  }

  overdrawn(lane: number): number {
    return this.overdrawnByLane[lane] ?? 0;
  }

  /** Tenants that may overdraw now, the most severe lane first, by arrival within it. */
  *candidates(): Generator<{ readonly lane: number; readonly tenant: string }> {
    if (this.total >= MAX_OVERDRAWN) return;
    for (const lane of this.credited) for (const flow of lane) if (flow.backlogged) yield flow;
  }

  /** Whether this tenant may take one more item beyond the window. */
  allows(lane: number, tenant: string): boolean {
    return (this.flows[lane]?.get(tenant)?.credit ?? 0) > 0 && this.total < MAX_OVERDRAWN;
  }

  backlogged(lane: number, tenant: string, backlogged: boolean): void {
    const flow = this.flow(lane, tenant);
    if (backlogged && !flow.backlogged && flow.outstanding === 0) {
      flow.credit = CREDIT_ITEMS;
      this.credited[lane]?.add(flow);
    }
    flow.backlogged = backlogged;
    this.forget(flow);
  }

  granted(lane: number, tenant: string, cost: number, beyondWindow: boolean): void {
    const flow = this.flow(lane, tenant);
    flow.outstanding++;
    if (!beyondWindow) return;
    flow.overdrawn += cost;
    this.overdraw(lane, cost);
    if (--flow.credit <= 0) this.credited[lane]?.delete(flow);
  }

  settled(lane: number, tenant: string, cost: number): void {
    const flow = this.flow(lane, tenant);
    flow.outstanding = Math.max(0, flow.outstanding - 1);
    const back = flow.outstanding === 0 ? flow.overdrawn : Math.min(cost, flow.overdrawn);
    flow.overdrawn -= back;
    this.overdraw(lane, -back);
    this.forget(flow);
  }

  private overdraw(lane: number, units: number): void {
    this.overdrawnByLane[lane] = (this.overdrawnByLane[lane] ?? 0) + units;
    this.total += units;
  }

  private flow(lane: number, tenant: string): Flow {
    const flows = this.flows[lane];
    if (!flows) throw new RangeError(`no such lane: ${lane}`);
    let flow = flows.get(tenant);
    if (!flow) flows.set(tenant, (flow = { lane, tenant, backlogged: false, outstanding: 0, credit: 0, overdrawn: 0 }));
    return flow;
  }

  /** An idle tenant costs no memory; its next backlog earns a new credit. */
  private forget(flow: Flow): void {
    if (flow.backlogged || flow.outstanding > 0) return;
    this.credited[flow.lane]?.delete(flow);
    this.flows[flow.lane]?.delete(flow.tenant);
  }
}
