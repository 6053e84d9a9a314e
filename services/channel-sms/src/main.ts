import { runChannel } from '@tocsin/channel-kit';
import { settings } from './config.js';
import { smppOptions, smppRoute } from './route.js';
import { renderSms } from './sms.channel.js';

await runChannel({
  manifest: new URL('../channel.json', import.meta.url),
  settings,
  render: renderSms,
  routes: async ({ config, platform, logger, clock }) => {
    const options = await smppOptions(platform.mode, config);
    return options.map((one) => smppRoute(platform.mode, one, logger, clock));
  },
});
