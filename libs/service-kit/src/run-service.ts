import { randomBytes } from 'node:crypto';
import { createObservability } from '@tocsin/observability';
import { certificateFiles, showCertificates } from './certificate-expiry.js';
import { shiftedClock } from './clock.js';
import { describeConfiguration, describeFaults, readConfiguration } from './configuration.js';
import { HealthState } from './health-state.js';
import { openHttpServer } from './http-server.js';
import { ServiceEnd } from './service-end.js';
import type { ServiceContext, ServiceSpec, Setting, SettingsOf } from './service.js';

/** Exit code of a service that cannot run with its settings. */
const EXIT_CONFIG = 2;

/**
 * Runs a service: reads its settings (`--check-config` prints them and exits 0, or every fault and exits 2), opens live, ready and
 * metrics on TOCSIN_<SERVICE>_HTTP_PORT, starts it, and drains it on SIGTERM or SIGINT in the order of DrainStage.
 */
export async function runService<S extends Readonly<Record<string, Setting<unknown>>>>(spec: ServiceSpec<S>): Promise<void> {
  const configuration = readConfiguration(spec, process.env);
  if (configuration.faults.length > 0) {
    process.stderr.write(`${describeFaults(configuration.faults)}\n`);
    process.exitCode = EXIT_CONFIG;
    return;
  }
  if (process.argv.includes('--check-config')) {
    process.stdout.write(`${describeConfiguration(configuration)}\n`);
    return;
  }

  const { shared, platform, httpPort } = configuration;
  const clock = shiftedClock(shared.clockShiftDays);
  // libs/kafka reads the port out of this name: it tells which members of a group are dead earlier processes of this instance.
  const instanceId = `${spec.name}-${httpPort === 0 ? `p${process.pid}` : httpPort}-${randomBytes(3).toString('hex')}`;
  const { logger, metrics, tracing } = createObservability({
    service: spec.name,
    instanceId,
    traceFile: shared.traceFile,
    otlpUrl: shared.otlpUrl,
    sampleRatio: shared.traceRatio,
    hotSpansPerSecond: shared.hotSpansPerSecond,
    logLevel: shared.logLevel,
  });
  const health = new HealthState(clock);
  const end = new ServiceEnd(health, logger, tracing);
  end.listen();

  try {
    const http = await openHttpServer(platform.bindHost, httpPort, { health, metrics }, logger);
    end.afterDrain(() => http.close());
    showCertificates(metrics, certificateFiles(platform, spec.certificates?.(configuration.config)), () => clock.now());
    metrics.gauge({ name: 'ready', help: '1 when the service is ready.' }, () => (health.notReady().length === 0 ? 1 : 0));
    health.watch((names) => end.fail('NO_PROGRESS', new Error(`no progress for 15 s: ${names.join(', ')}`)));
    const context: ServiceContext<SettingsOf<S>> = {
      name: spec.name,
      instanceId,
      config: configuration.config,
      platform,
      logger,
      metrics,
      tracing,
      clock,
      health,
      drain: end.drain,
      fail: (reason, error) => end.fail(reason, error),
    };
    logger.info('service.starting', { http: http.port, pid: process.pid, mode: platform.mode });
    const started = await spec.start(context);
    if (started?.routes) http.mount(started.routes);
    health.enter('running');
    logger.info('service.started', { http: http.port });
  } catch (error) {
    end.fail('START_FAILED', error);
  }
}
