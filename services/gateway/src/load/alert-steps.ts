import { Lane } from '@tocsin/contracts/common/v1/common';
import { textAt, type Fields } from '../message-fields.js';
import type { PolicyRow } from '../policy.js';
import type { Standing } from './call-admission.js';

/** Campaigns remembered, the one not seen for longest goes first; about 100 bytes each. */
const MAX_CAMPAIGNS = 20_000;

/** Knows which calls are steps of a life-safety alert: a draft says its lane, and the lane of a campaign is learned from every answer that shows it. */
export class AlertSteps {
  readonly #lifeSafety = new Map<string, boolean>();

  /** What the call may ask the reserve for, by its policy and request. */
  standing(row: Pick<PolicyRow, 'alertStep'>, request: unknown): Standing {
    if (!row.alertStep) return 'ordinary';
    const content = fieldOf(request, 'content');
    if (content !== undefined) return isLifeSafety(content) ? 'life-safety' : 'ordinary';
    const known = this.#lifeSafety.get(textAt(request, 'campaignId'));
    if (known === undefined) return 'unknown';
    return known ? 'life-safety' : 'ordinary';
  }

  /** Looks at an answer's campaign, if it has one. */
  learn(answer: unknown): void {
    const campaign = fieldOf(answer, 'campaign');
    const campaignId = textAt(campaign, 'campaignId');
    if (campaignId === '') return;
    // Behind all others: the first is the one not seen for longest.
    this.#lifeSafety.delete(campaignId);
    this.#lifeSafety.set(campaignId, isLifeSafety(campaign));
    if (this.#lifeSafety.size <= MAX_CAMPAIGNS) return;
    const oldest = this.#lifeSafety.keys().next();
    if (!oldest.done) this.#lifeSafety.delete(oldest.value);
  }
}

function fieldOf(message: unknown, name: string): unknown {
  return typeof message === 'object' && message !== null && Object.hasOwn(message, name) ? (message as Fields)[name] : undefined;
}

function isLifeSafety(message: unknown): boolean {
  return fieldOf(message, 'lane') === Lane.LIFE_SAFETY;
}
