import { messageCost } from '@tocsin/contracts';
import type { Message } from '@tocsin/contracts/campaigns/v1/campaign';
import type { VariableLength } from '@tocsin/contracts/common/v1/common';

/** "{{ name }}", the one construct a strict template has; drafts with anything else were refused long before. */
const VARIABLE = /\{\{\s*([a-z][a-z0-9_]*)\s*\}\}/g;

/** What one delivery of a message costs, from the lengths that travel beside its seal. */
export type ItemCost = (lengths: readonly VariableLength[]) => number;

/** Reads the template once a campaign; the cost of an item then needs its recipient's lengths only. */
export function itemCostOf(unit: string, message: Message): ItemCost {
  const variables = [...message.body.matchAll(VARIABLE)].map((match) => match[1] ?? '');
  const literal = message.body.replaceAll(VARIABLE, '');
  if (variables.length === 0) {
    const fixed = messageCost(unit, literal, [], []);
    return () => fixed;
  }
  return (lengths) => messageCost(unit, literal, variables, lengths);
}
