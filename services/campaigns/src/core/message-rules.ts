import { RenderError, templateVariables } from '@tocsin/channel-kit';
import type { Message } from '@tocsin/contracts/campaigns/v1/campaign';
import type { Manifest } from '@tocsin/contracts/channels/v1/channels';
import { isLine, type Violations } from '@tocsin/errors';
import { isText } from './text-rules.js';

/** Variables a register knows of each recipient; a template may name no other. */
export const VARIABLES: readonly string[] = ['first_name', 'last_name', 'street', 'postcode', 'city'];

const MAX_SUBJECT = 200;
const MAX_BODY = 10_000;

/** One message for each channel, with a subject where the channel has one, written in strict templates. */
export function checkMessages(
  channels: readonly string[],
  messages: readonly Message[],
  manifestOf: (channel: string) => Manifest | undefined,
  violations: Violations,
): void {
  for (const channel of channels) {
    const own = messages.filter((message) => message.channel === channel);
    violations.check('content.messages', own.length === 1, `must have exactly one message for the channel "${channel}"`);
  }
  messages.forEach((message, at) => {
    const field = `content.messages[${at}]`;
    violations.check(`${field}.channel`, channels.includes(message.channel), 'must be one of the channels');
    violations.check(`${field}.language`, /^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/.test(message.language), 'must be a language such as "fr"');
    violations.check(`${field}.body`, isText(message.body, MAX_BODY), `must be 1 to ${MAX_BODY} characters without control characters`);
    checkTemplate(`${field}.body`, message.body, violations);
    const manifest = manifestOf(message.channel);
    if (!manifest) return;
    if (manifest.features.includes('subject')) {
      violations.check(`${field}.subject`, isLine(message.subject, MAX_SUBJECT), `must be 1 to ${MAX_SUBJECT} characters on one line`);
      checkTemplate(`${field}.subject`, message.subject, violations);
    } else {
      violations.check(`${field}.subject`, message.subject === '', 'must be empty: the channel has no subject');
    }
  });
}

function checkTemplate(field: string, template: string, violations: Violations): void {
  try {
    for (const name of templateVariables(template)) {
      violations.check(field, VARIABLES.includes(name), `names the unknown variable "${name}"; known are ${VARIABLES.join(', ')}`);
    }
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    violations.check(field, false, error.message);
  }
}
