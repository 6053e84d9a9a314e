import { TenantKind, type TenantLimits } from '@tocsin/contracts/tenants/v1/tenant';
import { isLine, type Violations } from '@tocsin/errors';

/** A lane is shared in these parts; 0 would starve a tenant. */
const WEIGHT = { min: 1, max: 100 };
/** More recipients than any campaign of one authority has. */
const MAX_THRESHOLD = 10_000_000;
const MAX_NAME = 120;
/** Channels one tenant may have quotas on: more than there are. */
const MAX_QUOTAS = 32;
/** Octets of a mailbox, as SMTP limits them. */
const MAX_MAILBOX = 254;

/** What says nothing about who sends: operators refuse such senders in France since March 2025. */
const GENERIC_SENDERS = new Set(
  (
    'ALERT ALERTE ALERTES ALERTS BANQUE COLIS CONTACT INFO INFOS INFORMATION LIVRAISON MESSAGE ' +
    'NOTICE NOTIF NOREPLY RAPPEL SECURITE SERVICE SMS TEST URGENCE URGENT VERIFY'
  ).split(' '),
);

/** Above the 30 days that topics keep dead letters; ten years. */
const RECIPIENT_DAYS = { min: 31, max: 3_660 } as const;

export interface TenantFields {
  readonly weight?: number | undefined;
  readonly approvalThreshold?: number | undefined;
  readonly smsSender?: string | undefined;
  readonly mailFrom?: string | undefined;
  readonly limits?: TenantLimits | undefined;
  readonly recipientDays?: number | undefined;
}

/** Checks what a create and an update have in common; a field that is not given is not checked, an empty sender or mailbox means "none". */
export function checkTenantFields(violations: Violations, fields: TenantFields): void {
  const { weight, approvalThreshold, smsSender, mailFrom, limits, recipientDays } = fields;
  if (weight !== undefined) {
    violations.check('weight', weight >= WEIGHT.min && weight <= WEIGHT.max, `must be ${WEIGHT.min} to ${WEIGHT.max}`);
  }
  if (approvalThreshold !== undefined) {
    violations.check('approval_threshold', approvalThreshold <= MAX_THRESHOLD, `must be at most ${MAX_THRESHOLD}`);
  }
  if (smsSender) checkSmsSender(violations, smsSender);
  if (mailFrom) violations.check('mail_from', isMailbox(mailFrom), 'must be a mailbox such as mairie@ville.example');
  if (limits) checkLimits(violations, limits);
  if (recipientDays) {
    const { min, max } = RECIPIENT_DAYS;
    violations.check(
      'recipient_days',
      recipientDays >= min && recipientDays <= max,
      `must be ${min} to ${max}, or 0 for what the platform keeps`,
    );
  }
}

export function checkTenantIdentity(violations: Violations, name: string, kind: TenantKind, inseeCode: string): void {
  violations.check('name', isLine(name, MAX_NAME), `must be 1 to ${MAX_NAME} characters on one line`);
  violations.check('kind', kind !== TenantKind.UNSPECIFIED && TenantKind[kind] !== undefined, 'must be one of the kinds of tenant');
  if (inseeCode === '') violations.check('insee_code', kind !== TenantKind.COMMUNE, 'is required for a commune');
  else violations.check('insee_code', isInseeCode(inseeCode), 'must be an INSEE code such as 44109, 2A004 or 97411');
}

/** Five characters: a department (01 to 95, 2A, 2B, 97 and 98 overseas) and a commune of it. */
export function isInseeCode(code: string): boolean {
  return /^(?:0[1-9]|[1345678]\d|2[1-9AB]|9[0-578])\d{3}$/.test(code);
}

function checkLimits(violations: Violations, { quotas }: TenantLimits): void {
  const channels = quotas.map(({ channel }) => channel);
  violations.check('limits.quotas', quotas.length <= MAX_QUOTAS, `must be at most ${MAX_QUOTAS}`);
  violations.check('limits.quotas', new Set(channels).size === channels.length, 'must name each channel once');
  for (const channel of channels) {
    violations.check('limits.quotas', /^[a-z][a-z0-9-]{0,31}$/.test(channel), 'must name a channel such as sms');
  }
}

function checkSmsSender(violations: Violations, sender: string): void {
  violations.check(
    'sms_sender',
    /^(?=.*[A-Za-z])[A-Za-z0-9]{3,11}$/.test(sender),
    'must be 3 to 11 letters and digits with a letter, no accents or blanks',
  );
  violations.check(
    'sms_sender',
    !GENERIC_SENDERS.has(sender.toUpperCase()),
    'must name the authority: a generic word is refused by operators',
  );
}

/** A bare mailbox in ASCII, dots where they may stand. */
export function isMailbox(text: string): boolean {
  return (
    text.length <= MAX_MAILBOX &&
    /^[A-Za-z0-9_%+=#'-]+(?:\.[A-Za-z0-9_%+=#'-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$/.test(
      text,
    ) &&
    text.indexOf('@') <= 64
  );
}
