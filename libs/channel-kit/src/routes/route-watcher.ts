import type { Logger } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import type { SubmitAnswer } from '../channel.js';
import type { ChannelMetrics } from '../metrics.js';
import type { PacedRoute, Underway } from '../pipeline/paced-route.js';
import { routeFactors } from './route-factors.js';
import { RoutePoints } from './route-points.js';
import { verdictOf } from './verdict.js';

/** ms a link test may take. */
export const LINK_DEADLINE_MS = 5_000;
/** ms between two judgements. */
const JUDGE_EVERY_MS = 1_000;

export interface RouteWatcherDeps {
  readonly routes: readonly PacedRoute[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ChannelMetrics;
  /** Tests a route's link; false = it does not answer. Counted as a link test. */
  testLink(route: PacedRoute): Promise<boolean>;
  /** What routes may carry has changed. */
  changed(): void;
}

/** Judges the channel's routes by their answers: points, circuits, and with them what each may carry. */
export class RouteWatcher {
  readonly #points: RoutePoints;
  readonly #testing = new Set<PacedRoute>();
  /** By route: its circuit and whether it can be used, as last applied. */
  #applied = '';
  #judgedAt = -Infinity;

  constructor(private readonly deps: RouteWatcherDeps) {
    this.#points = new RoutePoints(deps.routes.length);
    this.#apply(deps.clock.monotonic());
  }

  answered(route: PacedRoute, answer: SubmitAnswer, { started }: Underway): void {
    const now = this.deps.clock.monotonic();
    const took = now - started;
    const verdict = verdictOf(answer, took, route.slowMs);
    this.deps.metrics.routeAttempts.add({ route: route.driver.routeId, verdict });
    this.#points.answered(this.deps.routes.indexOf(route), verdict, now);
    const before = route.circuit.state;
    route.circuit.answered(verdict, answer.kind === 'failed' || took > route.slowMs, started, now);
    if (route.circuit.state !== before) this.#turned(route, now);
  }

  /** A test message was taken. */
  proven(route: PacedRoute): void {
    const before = route.circuit.state;
    route.circuit.proven();
    if (before !== 'closed') this.#turned(route, this.deps.clock.monotonic());
  }

  /** Called often: tests the links of circuits that are due, and once a second judges. */
  look(): void {
    const { routes, clock } = this.deps;
    const now = clock.monotonic();
    const alone = !routes.some((route) => route.usable());
    for (const route of routes)
      if (route.circuit.due(now, alone) && route.driver.bound() && !this.#testing.has(route)) void this.#test(route);
    if (now - this.#judgedAt >= JUDGE_EVERY_MS) {
      this.#judgedAt = now;
      const views = routes.map((route) => ({ usable: route.usable(), overdueMs: route.overdueMs(now) }));
      if (this.#points.judge(views, now)) this.#tell();
    }
    if (this.#apply(now)) this.deps.changed();
  }

  async #test(route: PacedRoute): Promise<void> {
    this.#testing.add(route);
    const answers = await this.deps.testLink(route).catch(() => false);
    this.#testing.delete(route);
    route.circuit.tested(answers, this.deps.clock.monotonic());
    this.#turned(route, this.deps.clock.monotonic());
  }

  #turned(route: PacedRoute, now: number): void {
    const { circuit, driver } = route;
    if (circuit.state === 'closed') this.#points.restarted(this.deps.routes.indexOf(route), now);
    this.deps.logger[circuit.state === 'open' ? 'warn' : 'info']('route.circuit', { route: driver.routeId, circuit: circuit.state });
    if (this.#apply(now)) this.deps.changed();
  }

  #tell(): void {
    const points = Object.fromEntries(this.deps.routes.map((route, at) => [route.driver.routeId, this.#points.points(at)]));
    this.deps.logger.info('route.points', { points });
  }

  /** What each route is used at; answers whether that has changed. */
  #apply(now: number): boolean {
    const { routes, metrics } = this.deps;
    const parts = routes.map((route, at) => ({
      weight: route.restWeight,
      standby: route.standby,
      usable: route.usable(),
      points: this.#points.points(at),
    }));
    const told = parts.map(({ usable, points }, at) => `${usable}/${points}/${routes[at]?.circuit.state}`).join();
    if (told === this.#applied) return false;
    this.#applied = told;
    const factors = routeFactors(parts);
    routes.forEach((route, at) => {
      const name = { route: route.driver.routeId };
      // One that is not bound is told at its part, which it takes up when it is.
      route.setFactor(factors[at] ?? 1, now);
      metrics.routeUsable.set(route.usable() ? 1 : 0, name);
      metrics.routePoints.set(this.#points.points(at), name);
      metrics.routeCircuit.set(CIRCUIT_LEVEL[route.circuit.state], name);
      metrics.routeRate.set(route.usable() ? route.rate() : 0, name);
    });
    return true;
  }
}

const CIRCUIT_LEVEL = { closed: 0, trial: 1, open: 2 } as const;
