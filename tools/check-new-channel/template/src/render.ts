import type { Rendered } from '@tocsin/channel-kit';
import { renderTemplate } from '@tocsin/channel-kit';
import type { Message } from '@tocsin/contracts/campaigns/v1/campaign';

export function render(message: Message, variables: Readonly<Record<string, string>>): Rendered {
  return { subject: '', body: renderTemplate(message.body, variables), cost: 1 };
}
