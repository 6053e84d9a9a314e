import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeChannel, type Behaviour } from '@tocsin/channel-kit/conformance';
import type { Logger } from '@tocsin/observability';
import { systemClock } from '@tocsin/service-kit';
import type { SmppOptions } from './providers/smpp/driver.js';
import { defaultKnobs } from './providers/smpp/stand-in/knobs.js';
import { StandInSmsc } from './providers/smpp/stand-in/smsc.js';
import { smppRoute } from './route.js';
import { renderSms } from './sms.channel.js';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

function options(host: string, port: number): SmppOptions {
  return {
    routeId: 'smpp-1',
    provider: 'smpp',
    host,
    port,
    tls: false,
    systemId: 'tocsin',
    password: '',
    ratePerSecond: 500,
    window: 20,
    binds: undefined,
    submitIds: 'text',
    receiptIds: 'text',
    deliveryIdTlv: true,
    defaultSender: 'TOCSIN',
  };
}

const KNOBS: Readonly<Record<Behaviour, object>> = {
  accept: {},
  throttle: { queueFullRate: 1 },
  refuse: { failRate: 1 },
  unavailable: { down: true },
  slow: { slowMs: 4_000 },
};

describeChannel('channel-sms', {
  manifest: new URL('../channel.json', import.meta.url),
  render: renderSms,
  address: '+33639980001',
  refuses: (host) => smppRoute('development', options(host, 2775), silent, systemClock),
  rig: async () => {
    const smsc = new StandInSmsc(join(mkdtempSync(join(tmpdir(), 'tocsin-smsc-')), 'ledger.jsonl'), 1_000);
    const port = await smsc.listen(0);
    return {
      driver: smppRoute('development', options('127.0.0.1', port), silent, systemClock),
      behave: (behaviour) => {
        Object.assign(smsc.knobs, defaultKnobs(1_000), KNOBS[behaviour]);
        if (smsc.knobs.down) smsc.hangUp();
      },
      stop: () => smsc.stop(),
    };
  },
});
