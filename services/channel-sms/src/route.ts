import { readFile } from 'node:fs/promises';
import { assertLoopback, routeTerms } from '@tocsin/channel-kit';
import type { Logger } from '@tocsin/observability';
import type { Clock, SettingsOf } from '@tocsin/service-kit';
import type { settings, SmppRouteEntry } from './config.js';
import { SmppDriver, type SmppOptions } from './providers/smpp/driver.js';

type Mode = 'development' | 'production';
type Config = SettingsOf<typeof settings>;

/** The route to the configured SMSC; outside production it must be on loopback, so that no test reaches a person. */
export function smppRoute(mode: Mode, options: SmppOptions, logger: Logger, clock: Clock): SmppDriver {
  if (mode !== 'production') assertLoopback(options.host);
  return new SmppDriver(options, logger, clock);
}

/** The options of every route the channel is set to: those of its routes file, or the one of its settings. */
export async function smppOptions(mode: Mode, config: Config): Promise<SmppOptions[]> {
  const { routes, passwordFile, deliveryIdTlv, testAddress, slowMs, idempotency, ...one } = config;
  const password = await passwordOf(passwordFile);
  const withTerms = (options: Omit<SmppOptions, 'terms' | 'idempotency' | 'deliveryIdTlv'>, entry?: SmppRouteEntry): SmppOptions => {
    const terms = routeTerms({ testAddress, slowMs, idempotency }, entry);
    // Its key is the TLV.
    return { ...options, ...terms, deliveryIdTlv: terms.idempotency === 'key' || (deliveryIdTlv ?? mode !== 'production') };
  };
  if (!routes) return [withTerms({ ...one, password, provider: 'smpp' })];
  return Promise.all(
    routes.map(async (entry) => {
      const options = {
        routeId: entry.id,
        provider: entry.provider ?? entry.id,
        host: entry.host,
        port: entry.port,
        ratePerSecond: entry.rate,
        tls: entry.tls ?? one.tls,
        systemId: entry.system_id ?? one.systemId,
        password: entry.password_file === undefined ? password : await passwordOf(entry.password_file),
        window: entry.window ?? one.window,
        binds: entry.binds ?? one.binds,
        bindsPerInstance: entry.binds_per_instance ?? one.bindsPerInstance,
        submitIds: entry.submit_ids ?? one.submitIds,
        receiptIds: entry.receipt_ids ?? one.receiptIds,
        defaultSender: one.defaultSender,
      };
      return withTerms(options, entry);
    }),
  );
}

async function passwordOf(path: string | undefined): Promise<string> {
  return path === undefined ? '' : (await readFile(path, 'utf8')).trim();
}
