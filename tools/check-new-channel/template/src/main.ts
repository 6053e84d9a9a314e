import { runChannel } from '@tocsin/channel-kit';
import { settings } from './config.js';
import { HttpRoute } from './providers/http/driver.js';
import { render } from './render.js';

await runChannel({
  manifest: new URL('../channel.json', import.meta.url),
  settings,
  render,
  routes: (context) =>
    Promise.resolve([
      new HttpRoute({ url: context.config.url, ratePerSecond: context.config.rate, production: context.platform.mode === 'production' }),
    ]),
});
