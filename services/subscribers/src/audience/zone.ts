import { booleanPointInPolygon } from '@turf/boolean-point-in-polygon';
import { point, polygon } from '@turf/helpers';
import type { GeoPoint, Polygon } from '@tocsin/contracts/common/v1/common';
import { invalidArgument } from '@tocsin/errors';

/** Points of a ring, first and last counted: a triangle at least, a commune's outline at most. */
const MIN_POINTS = 4;
const MAX_POINTS = 10_000;

/** Tells whether a position lies inside. */
export type Zone = (position: GeoPoint) => boolean;

/** Checks a polygon and answers its test. A ring that is open, crosses itself or encloses nothing is refused: it never means "everyone", nor guesses. */
export function compileZone(zone: Polygon): Zone {
  const ring = zone.ring;
  const refuse = (description: string): never => {
    throw invalidArgument([{ field: 'audience.zone', description }], 'INVALID_ZONE');
  };
  if (ring.length < MIN_POINTS) refuse(`must have at least ${MIN_POINTS} points, the last equal to the first`);
  if (ring.length > MAX_POINTS) refuse(`must have at most ${MAX_POINTS} points`);
  for (const { latitude, longitude } of ring) {
    if (!(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180)) refuse('has a latitude beyond 90 or a longitude beyond 180 degrees');
  }
  const first = ring[0];
  const last = ring.at(-1);
  if (first?.latitude !== last?.latitude || first?.longitude !== last?.longitude)
    refuse('must be closed: the last point must equal the first');
  if (crossesItself(ring)) refuse('must not cross itself');
  if (area(ring) === 0) refuse('must enclose an area');
  const shape = polygon([ring.map(({ latitude, longitude }) => [longitude, latitude])]);
  shape.bbox = boundsOf(ring);
  return ({ latitude, longitude }) => booleanPointInPolygon(point([longitude, latitude]), shape);
}

interface Segment {
  readonly index: number;
  readonly from: GeoPoint;
  readonly to: GeoPoint;
  readonly west: number;
  readonly east: number;
}

/** Sweeps the segments from west to east and compares only those that overlap: 10,000 points take milliseconds where comparing all pairs takes seconds. */
function crossesItself(ring: readonly GeoPoint[]): boolean {
  const segments: Segment[] = [];
  for (let index = 0; index + 1 < ring.length; index += 1) {
    const from = ring[index];
    const to = ring[index + 1];
    if (!from || !to || (from.latitude === to.latitude && from.longitude === to.longitude)) continue;
    segments.push({
      index: segments.length,
      from,
      to,
      west: Math.min(from.longitude, to.longitude),
      east: Math.max(from.longitude, to.longitude),
    });
  }
  const count = segments.length;
  segments.sort((one, other) => one.west - other.west);
  let active: Segment[] = [];
  for (const segment of segments) {
    active = active.filter((other) => other.east >= segment.west);
    for (const other of active) {
      const apart = Math.abs(other.index - segment.index);
      const neighbours = apart === 1 || apart === count - 1;
      if (neighbours ? foldsBack(segment, other, count) : meet(segment, other)) return true;
    }
    active.push(segment);
  }
  return false;
}

/** Neighbours share a point by nature; they cross only when one runs back over the other. */
function foldsBack(one: Segment, other: Segment, count: number): boolean {
  const [before, after] = (one.index + 1) % count === other.index ? [one, other] : [other, one];
  if (turn(before.from, before.to, after.to) !== 0) return false;
  const forward =
    (before.to.longitude - before.from.longitude) * (after.to.longitude - after.from.longitude) +
    (before.to.latitude - before.from.latitude) * (after.to.latitude - after.from.latitude);
  return forward < 0;
}

function meet(one: Segment, other: Segment): boolean {
  const a = turn(one.from, one.to, other.from);
  const b = turn(one.from, one.to, other.to);
  const c = turn(other.from, other.to, one.from);
  const d = turn(other.from, other.to, one.to);
  if (a * b < 0 && c * d < 0) return true;
  return (
    (a === 0 && within(one, other.from)) ||
    (b === 0 && within(one, other.to)) ||
    (c === 0 && within(other, one.from)) ||
    (d === 0 && within(other, one.to))
  );
}

/** 1 left, -1 right, 0 straight on. */
function turn(from: GeoPoint, to: GeoPoint, next: GeoPoint): number {
  const cross =
    (to.longitude - from.longitude) * (next.latitude - from.latitude) - (to.latitude - from.latitude) * (next.longitude - from.longitude);
  return Math.sign(cross);
}

function within(segment: Segment, at: GeoPoint): boolean {
  const south = Math.min(segment.from.latitude, segment.to.latitude);
  const north = Math.max(segment.from.latitude, segment.to.latitude);
  return at.longitude >= segment.west && at.longitude <= segment.east && at.latitude >= south && at.latitude <= north;
}

function area(ring: readonly GeoPoint[]): number {
  let twice = 0;
  for (let index = 0; index + 1 < ring.length; index += 1) {
    const from = ring[index];
    const to = ring[index + 1];
    if (from && to) twice += from.longitude * to.latitude - to.longitude * from.latitude;
  }
  return Math.abs(twice) < 1e-12 ? 0 : Math.abs(twice) / 2;
}

function boundsOf(ring: readonly GeoPoint[]): [number, number, number, number] {
  let [west, south, east, north] = [180, 90, -180, -90];
  for (const { latitude, longitude } of ring) {
    west = Math.min(west, longitude);
    east = Math.max(east, longitude);
    south = Math.min(south, latitude);
    north = Math.max(north, latitude);
  }
  return [west, south, east, north];
}
