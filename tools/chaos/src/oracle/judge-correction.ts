import { judgeCampaign, type Intent, type ReportedRecipient, type Verdict } from './judge-campaign.js';
import type { Taken } from './oracle-ledger.js';

export interface Sent {
  readonly taken: Taken;
  readonly report: readonly ReportedRecipient[];
}

const MAX_EXAMPLES = 8;

/** A campaign's judgement, and: it goes to all whom a provider took the original for, to nobody it was never submitted to, and never before it. */
export function judgeCorrection(intent: Omit<Intent, 'named'>, original: Sent, correction: Sent): Verdict {
  const examples: string[] = [];
  const reported = new Set(correction.report.map(({ contactId }) => contactId));
  const told = new Set<string>();
  let missed = 0;
  for (const { contactId, deliveries } of original.report) {
    if (deliveries.some(({ submitted, possibleDuplicate }) => submitted || possibleDuplicate)) told.add(contactId);
    if (!deliveries.some(({ deliveryId }) => wasTaken(original.taken, deliveryId)) || reported.has(contactId)) continue;
    missed += 1;
    examples.push(`told and not corrected ${contactId}`);
  }
  const uninvited = [...reported].filter((contactId) => !told.has(contactId));
  for (const contactId of uninvited) examples.push(`corrected though never told ${contactId}`);
  let overtaken = 0;
  for (const [channel, addresses] of correction.taken.addresses) {
    for (const [to, { first }] of addresses) {
      const last = original.taken.addresses.get(channel)?.get(to)?.last;
      if (last === undefined || last <= first) continue;
      overtaken += 1;
      examples.push(`overtaken by ${last - first} ms on ${channel}`);
    }
  }
  const verdict = judgeCampaign({ ...intent, named: correction.report.length }, correction.taken, correction.report);
  return {
    ...verdict,
    lost: verdict.lost + missed,
    strangers: verdict.strangers + uninvited.length,
    overtaken,
    examples: [...verdict.examples, ...examples].slice(0, MAX_EXAMPLES),
  };
}

/** Deliveries have one part here: the words fit one segment. */
function wasTaken({ times }: Taken, deliveryId: string): boolean {
  return times.has(`${deliveryId}/1`);
}
