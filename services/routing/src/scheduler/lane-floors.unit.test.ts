import { describe, expect, it } from 'vitest';
import { floorsOf, readFloors, type FloorsByChannel } from './lane-floors.js';

function floors(text: string): FloorsByChannel {
  const read = readFloors(text);
  if (typeof read === 'string') throw new Error(read);
  return read;
}

describe('floors of lanes, as a setting', () => {
  it('are none by default: lanes are strict', () => {
    expect(floorsOf(floors(''), 'sms')).toBeUndefined();
  });

  it('are given by channel, with one for all others', () => {
    const read = floors('sms:standard=0.05,bulk=.01; *:standard=0.1');
    expect(floorsOf(read, 'sms')).toEqual([0, 0, 0.05, 0.01]);
    expect(floorsOf(read, 'email')).toEqual([0, 0, 0.1, 0]);
  });

  it.each([
    ['a part of nothing', 'sms', 'must be written'],
    ['a lane that does not exist', 'sms:slow=0.1', 'must give parts'],
    ['a floor for life-safety, which needs none', 'sms:life-safety=0.1', 'must give parts'],
    ['all of it', 'sms:standard=1', 'must give parts'],
    ['more than half together', 'sms:urgent=0.3,standard=0.3', 'must leave 0.5'],
    ['a lane twice', 'sms:standard=0.1,standard=0.2', 'gives sms standard twice'],
    ['a channel twice', 'sms:standard=0.1;sms:bulk=0.1', 'names sms twice'],
  ])('are refused: %s', (_what, text, why) => {
    expect(readFloors(text)).toContain(why);
  });
});
