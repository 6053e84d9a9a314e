import type { Message } from '@tocsin/contracts/campaigns/v1/campaign';

/** What a link test says to the number of ours it goes to; no variables, and in the alphabet that costs one segment. */
export function testMessage(channel: string): Message {
  return { channel, language: 'fr', subject: 'Tocsin, test de liaison', body: 'Tocsin : test de liaison automatique, rien à faire.' };
}
