import { assertLoopback } from '@tocsin/channel-kit';
import type { Logger } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import { SmppDriver, type SmppOptions } from './providers/smpp/driver.js';

/** The route to the configured SMSC; outside production it must be on loopback, so that no test reaches a person. */
export function smppRoute(mode: 'development' | 'production', options: SmppOptions, logger: Logger, clock: Clock): SmppDriver {
  if (mode !== 'production') assertLoopback(options.host);
  return new SmppDriver(options, logger, clock);
}
