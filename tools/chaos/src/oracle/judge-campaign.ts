import { hasMailbox, mailboxes, numberOf, type NumberRange } from '../world/register.js';
import type { Taken } from './oracle-ledger.js';

/** What Tocsin reports of one delivery. */
export interface ReportedDelivery {
  readonly deliveryId: string;
  /** Its state's name in lower case ("accepted-closed"). */
  readonly state: string;
  readonly reason: string;
  readonly possibleDuplicate: boolean;
  /** Something of it was handed to a provider. */
  readonly submitted: boolean;
}

export interface ReportedRecipient {
  readonly contactId: string;
  readonly terminal: boolean;
  readonly state: string;
  readonly deliveries: readonly ReportedDelivery[];
}

/** What was asked for: who, by which channels, until when. */
export interface Intent {
  readonly numbers: NumberRange;
  /** So many of them must be reported: all, or those a correction goes to. */
  readonly named: number;
  readonly channels: readonly string[];
  readonly mode: 'parallel' | 'order';
  /** Unix ms. */
  readonly expiresAt: number;
  readonly stoppedAt: number | undefined;
}

export interface Verdict {
  readonly recipients: number;
  /** Neither an acceptance at the oracle nor an end with its reason, recipients or deliveries; and those reported as taken which the oracle does not know. */
  readonly lost: number;
  /** Not at an end; one more for a campaign that does not call itself over. */
  readonly unterminated: number;
  /** Acceptances beyond the first of the same part of the same delivery, and second deliveries of a campaign to one address. */
  readonly duplicates: number;
  /** Duplicates whose delivery Tocsin does not call a possible duplicate. */
  readonly unmarked: number;
  /** Came in after the expiry or the answered stop, beyond the grace. */
  readonly afterExpiry: number;
  /** Of a correction: addresses at which it came in before the last of its original. */
  readonly overtaken: number;
  /** Taken for nobody of the register, or of those a correction goes to. */
  readonly strangers: number;
  /** Recipients in another state by the campaign's own figures than by its report. */
  readonly miscounted: number;
  /** A few ids for whoever looks into it. */
  readonly examples: readonly string[];
}

/** The verdict on a campaign that is not over when all should be: a tally that stays behind its own report leaves agents waiting for good. */
export function notOver(verdict: Verdict): Verdict {
  return {
    ...verdict,
    unterminated: verdict.unterminated + 1,
    examples: ['the campaign is not over by its own tally', ...verdict.examples],
  };
}

/** From the answer to a stop to the last message that may come in, ms: what was on the wire, and what a channel hears of the stop. */
export const STOP_GRACE_MS = 2_000;
/** From the expiry on, ms: the way to the provider, and its event loop. */
export const EXPIRY_GRACE_MS = 500;
const MAX_EXAMPLES = 8;

const TAKEN_STATES: ReadonlySet<string> = new Set(['accepted', 'delivered', 'accepted-closed']);
const UNTAKEN_ENDS: ReadonlySet<string> = new Set(['failed', 'expired', 'cancelled', 'suppressed']);

/** Joins what was intended, what Tocsin reports and what the providers took, by delivery id. */
export function judgeCampaign(intent: Intent, taken: Taken, recipients: readonly ReportedRecipient[]): Verdict {
  const examples: string[] = [];
  const example = (what: string): void => void (examples.length < MAX_EXAMPLES && examples.push(what));
  const timesOf = takenDeliveries(taken);
  const marked = new Set<string>();
  const reported = new Set<string>();
  let lost = 0;
  let unterminated = 0;
  let unaccounted = 0;
  for (const recipient of recipients) {
    if (!recipient.terminal) {
      unterminated += 1;
      example(
        `unterminated ${recipient.contactId} ${recipient.state} ${recipient.deliveries.map(({ deliveryId, state }) => `${deliveryId}=${state}`).join(' ')}`,
      );
    }
    let missed = recipient.deliveries.length === 0 && !UNTAKEN_ENDS.has(recipient.state);
    for (const { deliveryId, state, reason, possibleDuplicate } of recipient.deliveries) {
      reported.add(deliveryId);
      if (possibleDuplicate) marked.add(deliveryId);
      const accepted = timesOf.has(deliveryId);
      const ended = UNTAKEN_ENDS.has(state) && reason !== '';
      if ((TAKEN_STATES.has(state) && !accepted) || (!accepted && !ended)) {
        missed = true;
        example(`lost ${deliveryId} ${state} ${reason}`);
      }
    }
    if (missed) lost += 1;
  }
  // Whoever the report does not even name.
  const seen = new Set(recipients.map(({ contactId }) => contactId)).size;
  if (seen < intent.named) example(`${intent.named - seen} recipients are not reported`);
  lost += Math.max(0, intent.named - seen);
  for (const deliveryId of timesOf.keys()) {
    if (reported.has(deliveryId)) continue;
    unaccounted += 1;
    example(`taken but not reported ${deliveryId}`);
  }
  const copies = copiesOf(taken, intent);
  for (const [deliveryId] of copies.byDelivery) if (!marked.has(deliveryId)) example(`unmarked duplicate ${deliveryId}`);
  const late = taken.arrived.filter((at) => at > lastMoment(intent)).length;
  if (late > 0) example(`${late} after the end, by up to ${Math.max(...taken.arrived) - lastMoment(intent)} ms`);
  return {
    recipients: intent.named,
    lost: lost + unaccounted,
    unterminated,
    duplicates: copies.total,
    unmarked: [...copies.byDelivery].reduce((sum, [deliveryId, extra]) => sum + (marked.has(deliveryId) ? 0 : extra), copies.second),
    afterExpiry: late,
    overtaken: 0,
    strangers: copies.strangers,
    miscounted: 0,
    examples,
  };
}

/** The last moment at which anything of it may come in, Unix ms. */
export function lastMoment({ expiresAt, stoppedAt }: Intent): number {
  return Math.min(expiresAt + EXPIRY_GRACE_MS, stoppedAt === undefined ? Infinity : stoppedAt + STOP_GRACE_MS);
}

/** Times a delivery was taken, its parts together. */
function takenDeliveries({ times }: Taken): Map<string, number> {
  const byDelivery = new Map<string, number>();
  for (const [key, count] of times) {
    const deliveryId = key.slice(0, key.lastIndexOf('/'));
    byDelivery.set(deliveryId, (byDelivery.get(deliveryId) ?? 0) + count);
  }
  return byDelivery;
}

interface Copies {
  readonly total: number;
  readonly byDelivery: ReadonlyMap<string, number>;
  /** Deliveries beyond the number of addresses they went to. */
  readonly second: number;
  readonly strangers: number;
}

function copiesOf({ times, addresses }: Taken, { numbers }: Intent): Copies {
  const byDelivery = new Map<string, number>();
  const deliveries = new Map<string, Set<string>>();
  let extra = 0;
  for (const [key, count] of times) {
    const deliveryId = key.slice(0, key.lastIndexOf('/'));
    const channel = deliveryId.slice(deliveryId.lastIndexOf('.') + 1);
    const known = deliveries.get(channel) ?? new Set();
    deliveries.set(channel, known.add(deliveryId));
    if (count === 1) continue;
    extra += count - 1;
    byDelivery.set(deliveryId, (byDelivery.get(deliveryId) ?? 0) + count - 1);
  }
  let second = 0;
  let strangers = 0;
  for (const [channel, went] of addresses) {
    second += Math.max(0, (deliveries.get(channel)?.size ?? 0) - went.size);
    strangers += [...went.keys()].filter((to) => !isIn(numbers, channel, to)).length;
  }
  return { total: extra + second, byDelivery, second, strangers };
}

function isIn({ first, count }: NumberRange, channel: string, to: string): boolean {
  const number = numberOf(to);
  return number !== undefined && number >= first && number < first + count && (channel !== 'email' || hasMailbox(number));
}

/** Most deliveries a campaign can have on a channel. */
export function reachable(numbers: NumberRange, channel: string): number {
  return channel === 'email' ? mailboxes(numbers) : numbers.count;
}
