// A channel made of the kit as every other one, whose provider is nobody: what is left is the queue path. SIGUSR2 binds and unbinds it.
import { renderTemplate, runChannel } from '@tocsin/channel-kit';
import { number, path } from '@tocsin/service-kit';
import { NullRoute } from './null-route.js';

/** More than two cores can: the machine is the ceiling. */
const MAX_RATE = 1_000_000;

await runChannel({
  // The compiler copies no JSON: the manifest stays beside its source.
  manifest: new URL('../../../src/growth/null-channel/channel.json', import.meta.url),
  settings: {
    ratePerSecond: number({ env: 'RATE', min: 1, max: MAX_RATE, default: 20_000, doc: 'Messages a second it takes.' }),
    tellTale: path({ env: 'TELL_TALE', doc: 'File that a line is appended to at a campaign’s first submission and now and then.' }),
  },
  render: (message, variables) => ({ subject: '', body: renderTemplate(message.body, variables), cost: 1 }),
  routes: ({ config }) => {
    const route = new NullRoute(config.ratePerSecond, config.tellTale);
    process.on('SIGUSR2', () => route.toggle());
    return Promise.resolve([route]);
  },
});
