import { type ChannelTally, Tally } from './gen/tocsin/campaigns/v1/campaign.js';

/** Adds the parts of a campaign; what was not reachable is the whole campaign's in each closed part, so it is taken from one. */
export function addTallies(parts: readonly Tally[]): Tally {
  const sum = (of: (tally: Tally) => number): number => parts.reduce((total, tally) => total + of(tally), 0);
  const channels = [...new Set(parts.flatMap((part) => part.channels.map((row) => row.channel)))].sort();
  return Tally.fromPartial({
    recipients: sum((tally) => tally.recipients),
    delivered: sum((tally) => tally.delivered),
    acceptedClosed: sum((tally) => tally.acceptedClosed),
    failed: sum((tally) => tally.failed),
    suppressed: sum((tally) => tally.suppressed),
    expired: sum((tally) => tally.expired),
    cancelled: sum((tally) => tally.cancelled),
    pending: sum((tally) => tally.pending),
    terminal: sum((tally) => tally.terminal),
    planClosed: parts.some((tally) => tally.planClosed),
    plannedSlices: sum((tally) => tally.plannedSlices),
    channels: channels.map((channel) => addChannel(channel, parts)),
    notReachable: parts.find((tally) => tally.planClosed)?.notReachable ?? [],
  });
}

function addChannel(channel: string, parts: readonly Tally[]): ChannelTally {
  const rows = parts.flatMap((part) => part.channels.filter((row) => row.channel === channel));
  const sum = (of: (row: ChannelTally) => number): number => rows.reduce((total, row) => total + of(row), 0);
  return {
    channel,
    deliveries: sum((row) => row.deliveries),
    handedOver: sum((row) => row.handedOver),
    accepted: sum((row) => row.accepted),
    onDevice: sum((row) => row.onDevice),
    confirmed: sum((row) => row.confirmed),
    failed: sum((row) => row.failed),
    suppressed: sum((row) => row.suppressed),
    expired: sum((row) => row.expired),
    cancelled: sum((row) => row.cancelled),
    unconfirmed: sum((row) => row.unconfirmed),
    possibleDuplicates: sum((row) => row.possibleDuplicates),
  };
}
