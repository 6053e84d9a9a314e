/** Why a place is refused: the tenant's own limit, or too little left for one who already has as much. */
export type NoPlace = 'TENANT_BUSY' | 'GATEWAY_BUSY';

/**
 * Places for calls, shared among tenants: a tenant may hold at most as many as are still free, and who has none always gets one. One tenant alone so gets half of all, n tenants
 * 1 / (n + 1) each, whatever they ask for; who holds most is shed first (the dynamic threshold of Choudhury and Hahne, 1998).
 */
export class TenantShares {
  readonly #running = new Map<string, number>();
  #total = 0;

  constructor(
    /** Places of one tenant at most, however many are free. */
    private readonly perTenant: number,
    /** Places of all at this moment, beyond which each tenant has one at most. */
    private readonly all: () => number,
  ) {}

  /** Undefined: there is a place. */
  refusal(tenantId: string): NoPlace | undefined {
    const running = this.#running.get(tenantId) ?? 0;
    if (running >= this.perTenant) return 'TENANT_BUSY';
    return running === 0 || running < this.all() - this.#total ? undefined : 'GATEWAY_BUSY';
  }

  take(tenantId: string): void {
    this.#total += 1;
    this.#running.set(tenantId, (this.#running.get(tenantId) ?? 0) + 1);
  }

  giveBack(tenantId: string): void {
    this.#total -= 1;
    const left = (this.#running.get(tenantId) ?? 1) - 1;
    if (left === 0) this.#running.delete(tenantId);
    else this.#running.set(tenantId, left);
  }

  running(): number {
    return this.#total;
  }
}
