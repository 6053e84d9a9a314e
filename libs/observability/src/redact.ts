/** What stands in the place of anything personal or secret. */
export const REDACTED = '[redacted]';

/** Fields that hold words, addresses or secrets by their name, whatever their value looks like; compared in lower case. */
const HIDDEN_FIELDS = new Set([
  'text',
  'body',
  'subject',
  'content',
  'address',
  'addresses',
  'to',
  'from',
  'recipient',
  'recipients',
  'sender',
  'variables',
  'email',
  'mail',
  'mailbox',
  'phone',
  'mobile',
  'landline',
  'msisdn',
  'firstname',
  'lastname',
  'secret',
  'secrets',
  'password',
  'token',
  'authorization',
  'apikey',
  'cookie',
  'credentials',
]);

/** Values that betray themselves wherever they stand; a match inside a longer text is cut out and the rest kept. */
const HIDDEN_SHAPES: readonly RegExp[] = [
  // Keys and bearer tokens first: a mailbox pattern must not cut them in two.
  /\bBearer\s+[^\s"',;]+/gi,
  /\btok_[A-Za-z0-9_-]+/g,
  // Also what stands between "://" and "@" in a connection string.
  /[^\s@<>"'(),;:=[\]]+@[^\s@<>"'(),;:=[\]]+/g,
  // E.164 and 00-prefixed numbers, with the separators people type.
  /(?<![\w.])(?:\+|00)[1-9](?:[ .()-]?\d){7,14}(?!\w)/g,
  // French national and international shapes without a plus sign.
  /(?<![\w.-])0[1-9](?:[ .-]?\d{2}){4}(?![\w-])/g,
  /(?<![\w.-])33[ .-]?[1-9](?:[ .-]?\d{2}){4}(?![\w-])/g,
];

/** Deeper values are cut: a log line is not a dump. */
const MAX_DEPTH = 6;
/** Entries kept of a list or object. */
const MAX_ENTRIES = 50;
/** Characters kept of a text. */
const MAX_TEXT = 4_000;

/** Cuts numbers, mailboxes and tokens out of a text of at most 4,000 characters. */
export function redactText(text: string): string {
  let clean = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  for (const shape of HIDDEN_SHAPES) clean = clean.replace(shape, REDACTED);
  return clean;
}

/** A copy of a structured value that is safe to write down: hidden fields and shapes replaced, size bounded, errors as plain objects. */
export function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactObject(fields, 0);
}

function redactObject(value: object, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  let kept = 0;
  for (const [name, entry] of Object.entries(value)) {
    if (++kept > MAX_ENTRIES) break;
    // Names come from code, but a map keyed by address would carry one.
    clean[redactText(name)] = HIDDEN_FIELDS.has(name.toLowerCase().replace(/[_-]/g, '')) ? hidden(entry) : redactValue(entry, depth + 1);
  }
  return clean;
}

function hidden(value: unknown): unknown {
  return value === undefined || value === null || value === '' ? value : REDACTED;
}

function redactValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return redactText(value);
    case 'number':
      return looksLikeFrenchNumber(value) ? REDACTED : value;
    case 'bigint':
      return redactText(value.toString());
    case 'object':
      return value === null ? null : redactComposite(value, depth);
    case 'function':
    case 'symbol':
      return `[${typeof value}]`;
    case 'boolean':
    case 'undefined':
      return value;
  }
}

function redactComposite(value: object, depth: number): unknown {
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= MAX_DEPTH) return '[deep]';
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((entry) => redactValue(entry, depth + 1));
  if (value instanceof Map) return redactObject(Object.fromEntries([...value].map(([key, entry]) => [String(key), entry])), depth);
  if (value instanceof Set) return redactValue([...value], depth);
  return redactObject(value, depth);
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const { code, reason } = error as { code?: unknown; reason?: unknown };
  return {
    name: error.name,
    message: redactText(error.message),
    ...(code === undefined ? {} : { code: redactValue(code, depth + 1) }),
    ...(reason === undefined ? {} : { reason: redactValue(reason, depth + 1) }),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined || depth >= MAX_DEPTH ? {} : { cause: redactValue(error.cause, depth + 1) }),
  };
}

/** 33 and nine digits held as a number; times in milliseconds have thirteen digits and stay. */
function looksLikeFrenchNumber(value: number): boolean {
  return Number.isInteger(value) && value >= 33_100_000_000 && value < 34_000_000_000;
}
