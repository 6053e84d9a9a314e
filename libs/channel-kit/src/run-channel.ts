import { runService, type ServiceContext, type Setting, type SettingsOf } from '@tocsin/service-kit';
import type { ChannelDefinition } from './channel.js';
import { KIT_SETTINGS } from './kit-settings.js';
import { readChannelFile } from './manifest.js';
import { startChannel } from './start-channel.js';

/** The whole main of a channel: a service named "channel-<key>" that reads grants and ends each of them in an attempt. */
export async function runChannel<S extends Readonly<Record<string, Setting<unknown>>>>(definition: ChannelDefinition<S>): Promise<void> {
  const file = await readChannelFile(definition.manifest);
  const settings = { ...definition.settings, ...KIT_SETTINGS };
  await runService({
    name: `channel-${file.key}`,
    settings,
    start: async (context) => {
      // The settings read are those of the definition and the kit's own; the compiler cannot see through the spread of a type parameter.
      const own = context as unknown as ServiceContext<SettingsOf<S>>;
      const kit = context.config as unknown as SettingsOf<typeof KIT_SETTINGS>;
      const receiptTimeout = kit.kitReceiptTimeoutMs ?? file.receipt_timeout;
      const { kitLinkTestEveryMs: linkEveryMs, kitTestMessageEveryMs: messageEveryMs, kitReceiptsPerSecond: receiptsPerSecond } = kit;
      await startChannel(definition, file, { receiptTimeout, linkEveryMs, messageEveryMs, receiptsPerSecond }, own);
    },
  });
}
