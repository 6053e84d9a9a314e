import { renderTemplate, type ChannelDefinition, type Rendered } from '@tocsin/channel-kit';
import type { Message } from '@tocsin/contracts/campaigns/v1/campaign';
import { TocsinError } from '@tocsin/errors';
import type { ServiceContext, SettingsOf } from '@tocsin/service-kit';
import { settings } from './config.js';
import { loadDkim, throwawayDkim, type DkimSigner } from './providers/smtp/dkim.js';
import { smtpRoute, smtpRoutes } from './smtp-route.js';

/** Pure: subject and text of one recipient's mail; a mail costs one message whatever its length. */
export function render(message: Message, variables: Readonly<Record<string, string>>): Rendered {
  return { subject: renderTemplate(message.subject, variables), body: renderTemplate(message.body, variables), cost: 1 };
}

export const emailChannel: ChannelDefinition<typeof settings> = {
  manifest: new URL('../channel.json', import.meta.url),
  settings,
  render,
  async routes(context, sealer) {
    const { platform, logger, clock } = context;
    const parts = { channel: 'email', sealer, dkim: openDkim(context), logger, now: () => clock.now() };
    return smtpRoutes(context.config).map((route) => smtpRoute(platform.mode, route, parts));
  },
};

/** Production signs with the key it was given or does not start; development may use one of its own. */
function openDkim({ config, platform, logger }: ServiceContext<SettingsOf<typeof settings>>): DkimSigner {
  const setting = { domain: config.dkimDomain, selector: config.dkimSelector };
  if (config.dkimKeyFile !== undefined) return loadDkim({ ...setting, keyFile: config.dkimKeyFile, mode: platform.mode });
  if (platform.mode === 'production') {
    const message = 'Production needs TOCSIN_CHANNEL_EMAIL_DKIM_KEY_FILE: receivers refuse unsigned mail.';
    throw new TocsinError('FAILED_PRECONDITION', 'DKIM_KEY_MISSING', message);
  }
  logger.info('dkim.throwaway-key', { reason: 'no key file in development' });
  return throwawayDkim(setting);
}
