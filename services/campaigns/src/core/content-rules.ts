import { CampaignType, Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import type { CampaignContent } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import type { Manifest } from '@tocsin/contracts/channels/v1/channels';
import { Lane, Status } from '@tocsin/contracts/common/v1/common';
import { checkAudience } from './audience-rules.js';
import { checkCorrection } from './correction-rules.js';
import { checkMessages } from './message-rules.js';
import { checkPace } from './pace-rules.js';
import { isLine, Violations } from '@tocsin/errors';

const MAX_TITLE = 200;
const MAX_CHANNELS = 16;
/** ms a campaign may stay valid at most: 30 days. */
const MAX_VALIDITY = 30 * 24 * 60 * 60 * 1_000;

/** Fills in what may be left unsaid: parallel channels, the purpose "alert", French. */
export function completed(content: CampaignContent): CampaignContent {
  return {
    ...content,
    mode: content.mode === Mode.UNSPECIFIED ? Mode.PARALLEL : content.mode,
    purpose: content.purpose === '' ? 'alert' : content.purpose,
    messages: content.messages.map((message) => ({ ...message, language: message.language === '' ? 'fr' : message.language })),
  };
}

/** Throws TocsinError INVALID_ARGUMENT with every wrong field of a completed content. */
export function checkContent(
  content: CampaignContent | undefined,
  manifestOf: (channel: string) => Manifest | undefined,
  now: number,
): asserts content is CampaignContent {
  const violations = new Violations();
  violations.check('content', content !== undefined, 'must be given');
  if (content) {
    violations.check('content.title', isLine(content.title, MAX_TITLE), `must be 1 to ${MAX_TITLE} characters on one line`);
    violations.check('content.type', isSet(CampaignType, content.type), 'must be alert, update or cancel');
    violations.check('content.status', isSet(Status, content.status), 'must be actual, exercise or test');
    violations.check('content.lane', isSet(Lane, content.lane), 'must be life-safety, urgent, standard or bulk');
    violations.check('content.mode', isSet(Mode, content.mode), 'must be parallel or order');
    violations.check('content.purpose', /^[a-z][a-z0-9-]{0,31}$/.test(content.purpose), 'must be a name such as "alert"');
    checkChannels(content.channels, manifestOf, violations);
    checkMessages(content.channels, content.messages, manifestOf, violations);
    if (content.corrects === undefined) checkAudience(content.audience, violations);
    else checkCorrection(content, content.corrects, violations);
    const { expiresAt, scheduledAt } = content;
    violations.check('content.expires_at', expiresAt > now, 'must lie in the future');
    violations.check('content.expires_at', expiresAt <= now + MAX_VALIDITY, 'must be at most 30 days away');
    violations.check(
      'content.scheduled_at',
      scheduledAt >= 0 && (scheduledAt === 0 || scheduledAt < expiresAt),
      'must come before the expiry',
    );
    checkPace(violations, content.pace, expiresAt - Math.max(now, scheduledAt));
  }
  violations.raise();
}

function checkChannels(channels: readonly string[], manifestOf: (channel: string) => Manifest | undefined, violations: Violations): void {
  const field = 'content.channels';
  violations.check(field, channels.length > 0 && channels.length <= MAX_CHANNELS, `must name 1 to ${MAX_CHANNELS} channels`);
  violations.check(field, new Set(channels).size === channels.length, 'must name each channel once');
  for (const channel of channels) violations.check(field, manifestOf(channel) !== undefined, `names "${channel}", which is not announced`);
}

/** Whether a value is a named one of the enumeration and not its zero: protobuf lets any number pass. */
function isSet(names: Readonly<Record<string | number, string | number>>, value: number): boolean {
  return value > 0 && names[value] !== undefined;
}
