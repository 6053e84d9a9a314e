import { readFile } from 'node:fs/promises';
import { assertLoopback, runChannel } from '@tocsin/channel-kit';
import { settings } from './config.js';
import { SmppDriver } from './providers/smpp/driver.js';
import { renderSms } from './sms.channel.js';

await runChannel({
  manifest: new URL('../channel.json', import.meta.url),
  settings,
  render: renderSms,
  routes: async ({ config, platform, logger, clock }) => {
    if (platform.mode !== 'production') assertLoopback(config.host);
    const { passwordFile, deliveryIdTlv = platform.mode !== 'production', ...options } = config;
    const password = passwordFile === undefined ? '' : (await readFile(passwordFile, 'utf8')).trim();
    return [new SmppDriver({ ...options, password, deliveryIdTlv }, logger, clock)];
  },
});
