import { describe, expect, it } from 'vitest';
import { PlacesBySpeed } from './places-by-speed.js';

/** A platform that answers so many calls a second, always asked for more than there are places: a call waits for all before it (Little's law). */
function overloaded(perSecond: number, seconds: number): { places: number; waitMs: number } {
  const places = new PlacesBySpeed(20, 300);
  let waitMs = 0;
  for (let now = 0; now < seconds * 1_000; now += 1_000 / perSecond) {
    waitMs = (places.places / perSecond) * 1_000;
    places.ended(waitMs, now, true);
  }
  return { places: places.places, waitMs };
}

describe('places by speed', () => {
  it.each([
    { label: 'a slow platform has few, and answers in about half a second', perSecond: 100, least: 40, most: 65, waitMs: 650 },
    { label: 'a quick one has all it may have', perSecond: 2_000, least: 300, most: 300, waitMs: 150 },
    { label: 'one that hardly answers keeps the least', perSecond: 10, least: 20, most: 24, waitMs: 2_400 },
  ])('$label', ({ perSecond, least, most, waitMs }) => {
    const end = overloaded(perSecond, 20);
    expect(end.places).toBeGreaterThanOrEqual(least);
    expect(end.places).toBeLessThanOrEqual(most);
    expect(end.waitMs).toBeLessThanOrEqual(waitMs);
  });

  it('slow answers that come together cut once', () => {
    const places = new PlacesBySpeed(10, 100);
    for (let call = 0; call < 50; call += 1) places.ended(2_000, 1_000 + call, true);
    expect(places.places).toBe(80);
    places.ended(2_000, 1_300, false);
    expect(places.places).toBe(64);
  });

  it('come back with quick answers', () => {
    const places = new PlacesBySpeed(10, 100);
    for (let at = 0; at < 10_000; at += 250) places.ended(2_000, at, true);
    expect(places.places).toBe(10);
    for (let call = 0; call < 400; call += 1) places.ended(5, 20_000, true);
    expect(places.places).toBe(100);
  });

  it('do not come back with calls whose clients give up before they are slow', () => {
    const places = new PlacesBySpeed(10, 100);
    places.ended(2_000, 1_000, false);
    for (let call = 0; call < 400; call += 1) places.ended(300, 1_001 + call, false);
    expect(places.places).toBe(80);
  });
});
