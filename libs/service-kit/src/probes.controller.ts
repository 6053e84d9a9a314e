import { Controller, Get, Header, HttpException, Inject } from '@nestjs/common';
import type { Metrics } from '@tocsin/observability';
import type { HealthState } from './health-state.js';

export const PROBES = Symbol('probes');

/** What the probes read. */
export interface Probes {
  readonly health: HealthState;
  readonly metrics: Metrics;
}

const NOT_NOW = 503;

/** GET /live, /ready and /metrics of every service. */
@Controller()
export class ProbesController {
  readonly #probes: Probes;

  constructor(@Inject(PROBES) probes: Probes) {
    this.#probes = probes;
  }

  @Get('live')
  live(): { live: true } {
    if (!this.#probes.health.live()) throw new HttpException({ live: false }, NOT_NOW);
    return { live: true };
  }

  @Get('ready')
  ready(): { ready: true } {
    const waiting = this.#probes.health.notReady();
    if (waiting.length > 0) throw new HttpException({ ready: false, waiting }, NOT_NOW);
    return { ready: true };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(): Promise<string> {
    return this.#probes.metrics.text();
  }
}
