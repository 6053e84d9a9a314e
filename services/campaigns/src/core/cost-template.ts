import { parseTemplate } from '@tocsin/channel-kit';
import type { Message } from '@tocsin/contracts/campaigns/v1/campaign';
import type { CostTemplate } from '@tocsin/contracts/subscribers/v1/audience';

/** A message reduced to what its cost depends on; `write` changes the template's own text (a transliteration). */
export function costTemplate(message: Message, costUnit: string, write: (text: string) => string = (text) => text): CostTemplate {
  const parsed = [message.subject, message.body].filter((text) => text !== '').map(parseTemplate);
  return {
    channel: message.channel,
    costUnit,
    literal: write(parsed.flatMap((template) => template.texts).join('')),
    variables: parsed.flatMap((template) => [...template.variables]),
  };
}
