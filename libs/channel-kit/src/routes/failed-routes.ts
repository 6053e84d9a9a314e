/** Deliveries remembered, some 100 bytes each; beyond, a retry may meet the route it failed on once more. */
const MAX_DELIVERIES = 20_000;

/** The route by which each delivery's latest attempt failed, where the route was to blame: its retry goes by another one. */
export class FailedRoutes {
  readonly #routes = new Map<string, string>();

  failed(sliceKey: string, index: number, route: string): void {
    const key = `${sliceKey}:${index}`;
    this.#routes.delete(key);
    this.#routes.set(key, route);
    if (this.#routes.size <= MAX_DELIVERIES) return;
    const oldest = this.#routes.keys().next();
    if (!oldest.done) this.#routes.delete(oldest.value);
  }

  /** '' = none known. */
  of(sliceKey: string, index: number): string {
    return this.#routes.size === 0 ? '' : (this.#routes.get(`${sliceKey}:${index}`) ?? '');
  }
}
