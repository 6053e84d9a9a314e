import { describeChannel, type Behaviour } from '@tocsin/channel-kit/conformance';
import { HttpRoute } from './providers/http/driver.js';
import { startStandIn, type StandInKnobs } from './providers/http/stand-in.js';
import { render } from './render.js';

const KNOBS: Readonly<Record<Behaviour, StandInKnobs>> = {
  accept: {},
  throttle: { status: 429 },
  refuse: { status: 404 },
  unavailable: { status: 503 },
  slow: { slowMs: 4_000 },
};

describeChannel('channel-__KEY__', {
  manifest: new URL('../channel.json', import.meta.url),
  render,
  address: 'somewhere',
  refuses: (host) =>
    new HttpRoute({ url: `http://${host.includes(':') ? `[${host}]` : host}/submit`, ratePerSecond: 50, production: false }),
  rig: async () => {
    const standIn = await startStandIn(0);
    return {
      driver: new HttpRoute({ url: `http://127.0.0.1:${standIn.port}/submit`, ratePerSecond: 50, production: false }),
      behave: (behaviour) => {
        delete standIn.knobs.status;
        delete standIn.knobs.slowMs;
        Object.assign(standIn.knobs, KNOBS[behaviour]);
      },
      stop: () => {
        standIn.server.closeAllConnections();
        standIn.server.close();
        return Promise.resolve();
      },
    };
  },
});
