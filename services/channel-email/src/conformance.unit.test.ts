import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeChannel, type Behaviour } from '@tocsin/channel-kit/conformance';
import { createLogger } from '@tocsin/observability';
import { loadSealer } from '@tocsin/sealing';
import { render } from './email.channel.js';
import type { SmtpDriver, SmtpRoute } from './providers/smtp/smtp-driver.js';
import { startingKnobs } from './providers/smtp/stand-in/knobs.js';
import { Ledger } from './providers/smtp/stand-in/ledger.js';
import { RecentMails } from './providers/smtp/stand-in/recent-mails.js';
import { StandInMta } from './providers/smtp/stand-in/mta.js';
import { RateWindow } from './providers/smtp/stand-in/rate-window.js';
import { smtpRoute } from './smtp-route.js';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-email-'));
const keyFile = join(folder, 'platform.key');
writeFileSync(keyFile, randomBytes(32).toString('hex'), { mode: 0o600 });
const parts = {
  channel: 'email',
  sealer: loadSealer(keyFile),
  dkim: undefined,
  logger: createLogger({ service: 'channel-email', instanceId: 'test', level: 'error' }),
  now: () => Date.now(),
};

function driver(host: string, port: number): SmtpDriver {
  const route: SmtpRoute = {
    routeId: 'smtp-1',
    provider: 'smtp',
    ratePerSecond: 150,
    connectionsPerShare: 2,
    language: 'fr',
    relay: { host, port, heloName: 'tocsin.invalid', security: 'none', serverName: host, user: '', password: '' },
    mail: {
      messageIdDomain: 'example.org',
      defaultSender: 'alerte@example.org',
      unsubscribeMailbox: 'stop@example.org',
      publicUrl: 'https://tocsin.example.org',
    },
  };
  return smtpRoute('development', route, parts);
}

const KNOBS: Readonly<Record<Behaviour, object>> = {
  accept: {},
  throttle: {},
  refuse: { failRate: 1 },
  unavailable: { down: true },
  slow: { slowMs: 4_000 },
};

describeChannel('channel-email', {
  manifest: new URL('../channel.json', import.meta.url),
  render,
  address: 'zoe@example.net',
  refuses: (host) => driver(host, 25),
  rig: async () => {
    const knobs = startingKnobs(1_000);
    const window = new RateWindow(1_000);
    const ledger = await Ledger.open(join(folder, `${randomBytes(4).toString('hex')}.jsonl`));
    const stats = { accepted: 0, deduplicated: 0, throttled: 0, refused: 0, greylisted: 0, nonsense: 0, unnamed: 0 };
    const mta = new StandInMta({ knobs, window, ledger, stats, recent: new RecentMails() });
    const server = await mta.listen(0, '127.0.0.1');
    return {
      driver: driver('127.0.0.1', (server.address() as AddressInfo).port),
      behave: (behaviour) => {
        Object.assign(knobs, startingKnobs(1_000), KNOBS[behaviour]);
        window.setRate(behaviour === 'throttle' ? 1 : 1_000);
        // The one mail of this second is already taken.
        if (behaviour === 'throttle') window.take(performance.now());
        if (behaviour === 'unavailable') mta.dropConnections();
      },
      stop: async () => {
        mta.dropConnections();
        await mta.close();
        await ledger.close();
      },
    };
  },
});
