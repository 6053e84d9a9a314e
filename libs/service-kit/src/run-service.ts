import type { ServiceSpec, Setting } from './service.js';

/**
 * Runs a service: reads its settings (`--check-config` prints them and exits 0, or every fault and exits 2), opens live, ready and
 * metrics on TOCSIN_<SERVICE>_HTTP_PORT, starts it, and drains it on SIGTERM or SIGINT in the order of DrainStage.
 */
export async function runService<S extends Readonly<Record<string, Setting<unknown>>>>(spec: ServiceSpec<S>): Promise<void> {
  throw new Error(`not built yet: ${spec.name}`);
}
