import { LANES } from '@tocsin/contracts';

/** Part of all units that lanes get at least, by channel; "*" = every channel that is not named. */
export type FloorsByChannel = ReadonlyMap<string, readonly number[]>;

/** Together floors leave at least this part to strict order: a severe lane is slowed by them, never halved. */
const MOST_TOGETHER = 0.5;

/** Reads "sms:standard=0.05,bulk=0.01;*:standard=0.02"; a sentence that says what is wrong instead. */
export function readFloors(text: string): FloorsByChannel | string {
  const floors = new Map<string, readonly number[]>();
  for (const part of text.split(';').filter((candidate) => candidate.trim() !== '')) {
    const [, channel, list] = /^\s*(\*|[a-z][a-z0-9-]{0,31})\s*:(.*)$/.exec(part) ?? [];
    if (channel === undefined || list === undefined) return 'must be written channel:lane=part,lane=part;channel:...';
    if (floors.has(channel)) return `names ${channel} twice`;
    const parts = LANES.map(() => 0);
    for (const floor of list.split(',')) {
      const [, name, share] = /^\s*([a-z-]+)\s*=\s*(0?\.\d{1,4})\s*$/.exec(floor) ?? [];
      const lane = LANES.findIndex((row) => row.name === name);
      if (lane < 1) return 'must give parts such as standard=0.05 to lanes below life-safety';
      if (parts[lane] !== 0) return `gives ${channel} ${name} twice`;
      parts[lane] = Number(share);
    }
    if (parts.reduce((sum, one) => sum + one, 0) > MOST_TOGETHER)
      return `must leave ${1 - MOST_TOGETHER} of ${channel} to the order of lanes`;
    floors.set(channel, parts);
  }
  return floors;
}

/** undefined: lanes are strict on this channel. */
export function floorsOf(floors: FloorsByChannel, channel: string): readonly number[] | undefined {
  return floors.get(channel) ?? floors.get('*');
}
