/** What waits for a turn waits for these beside its channel. */
const BEFORE_DISPATCH: readonly string[] = ['campaigns', 'subscribers', 'routing'];
/** Stands for every campaign's turn in what a finding concerns. */
export const TURNS = 'turns';

/** What a fault of a service concerns: itself, the channel it is, and the turns of campaigns where these pass through it. */
export function concernsOf(service: string): readonly string[] {
  if (service.startsWith('channel-')) return [service, service.slice('channel-'.length)];
  return BEFORE_DISPATCH.includes(service) ? [service, TURNS] : [service];
}
