import { renderTemplate, type Rendered } from '@tocsin/channel-kit';
import type { Message } from '@tocsin/contracts/campaigns/v1/campaign';
import { segment } from './segments.js';

/** Pure: the words of one SMS; its cost is the number of parts the operator bills. */
export function renderSms(message: Message, variables: Readonly<Record<string, string>>): Rendered {
  const body = renderTemplate(message.body, variables);
  return { subject: '', body, cost: segment(body).parts.length };
}
