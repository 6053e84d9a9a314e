import { assertLoopback } from '@tocsin/channel-kit';
import { SmtpDriver, type SmtpParts, type SmtpRoute } from './providers/smtp/smtp-driver.js';

/** The client of a relay; outside production only of one on this machine. */
export function smtpRoute(mode: 'development' | 'production', route: SmtpRoute, parts: SmtpParts): SmtpDriver {
  if (mode !== 'production') assertLoopback(route.relay.host);
  return new SmtpDriver(route, parts);
}
