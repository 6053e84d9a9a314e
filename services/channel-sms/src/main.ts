import { readFile } from 'node:fs/promises';
import { runChannel } from '@tocsin/channel-kit';
import { settings } from './config.js';
import { smppRoute } from './route.js';
import { renderSms } from './sms.channel.js';

await runChannel({
  manifest: new URL('../channel.json', import.meta.url),
  settings,
  render: renderSms,
  routes: async ({ config, platform, logger, clock }) => {
    const { passwordFile, deliveryIdTlv = platform.mode !== 'production', ...options } = config;
    const password = passwordFile === undefined ? '' : (await readFile(passwordFile, 'utf8')).trim();
    return [smppRoute(platform.mode, { ...options, password, deliveryIdTlv }, logger, clock)];
  },
});
