/** Tells those who wait in this process that a campaign changed; changes of other instances are found by polling. */
export class Changes {
  private readonly waiting = new Map<string, Set<() => void>>();

  notify(campaignId: string): void {
    const waiting = this.waiting.get(campaignId);
    this.waiting.delete(campaignId);
    for (const wake of waiting ?? []) wake();
  }

  /** Resolves at the next change, after `ms`, or when the signal aborts. */
  async next(campaignId: string, ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.waiting.get(campaignId)?.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      const waiting = this.waiting.get(campaignId) ?? new Set();
      waiting.add(done);
      this.waiting.set(campaignId, waiting);
    });
  }
}
