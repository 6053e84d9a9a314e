/** Plans waiting for their next page: by lane, then one page each in turn. A plan that is being worked on is outside. */
export class PlanQueue {
  private readonly lanes = new Map<number, string[]>();

  /** Puts a plan at the end of its lane (1 = most severe), unless it waits there already. */
  add(campaignId: string, lane: number): void {
    const waiting = this.lanes.get(lane) ?? [];
    if (!waiting.includes(campaignId)) waiting.push(campaignId);
    this.lanes.set(lane, waiting);
  }

  next(): string | undefined {
    for (const lane of [...this.lanes.keys()].sort((a, b) => a - b)) {
      const campaignId = this.lanes.get(lane)?.shift();
      if (campaignId !== undefined) return campaignId;
    }
    return undefined;
  }

  remove(campaignId: string): void {
    for (const waiting of this.lanes.values()) {
      const place = waiting.indexOf(campaignId);
      if (place >= 0) waiting.splice(place, 1);
    }
  }
}
