import { readFileSync } from 'node:fs';
import { assertLoopback, routeTerms } from '@tocsin/channel-kit';
import type { SettingsOf } from '@tocsin/service-kit';
import type { settings, SmtpRouteEntry } from './config.js';
import { SmtpDriver, type SmtpParts, type SmtpRoute } from './providers/smtp/smtp-driver.js';

/** The client of a relay; outside production only of one on this machine. */
export function smtpRoute(mode: 'development' | 'production', route: SmtpRoute, parts: SmtpParts): SmtpDriver {
  if (mode !== 'production') assertLoopback(route.relay.host);
  return new SmtpDriver(route, parts);
}

/** Every route the channel is set to: those of its routes file, or the one of its settings. */
export function smtpRoutes(config: SettingsOf<typeof settings>): SmtpRoute[] {
  const password = passwordOf(config.relayPasswordFile);
  const mail = {
    messageIdDomain: config.messageIdDomain,
    defaultSender: config.sender,
    unsubscribeMailbox: config.unsubscribeMailbox,
    publicUrl: config.publicUrl,
  };
  const route = (entry?: SmtpRouteEntry): SmtpRoute => {
    const host = entry?.host ?? config.relayHost;
    return {
      routeId: entry?.id ?? config.routeId,
      provider: entry ? (entry.provider ?? entry.id) : 'smtp',
      ...routeTerms(config, entry),
      ratePerSecond: entry?.rate ?? config.ratePerSecond,
      connectionsPerShare: entry?.connections_per_share ?? config.connectionsPerShare,
      language: config.language,
      relay: {
        host,
        port: entry?.port ?? config.relayPort,
        heloName: config.heloName,
        security: entry?.security ?? config.relaySecurity,
        serverName: host,
        user: entry?.user ?? config.relayUser,
        password: entry?.password_file === undefined ? password : passwordOf(entry.password_file),
      },
      mail,
    };
  };
  return config.routes ? config.routes.map(route) : [route()];
}

function passwordOf(path: string | undefined): string {
  return path === undefined ? '' : readFileSync(path, 'utf8').trim();
}
