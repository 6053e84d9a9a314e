import { RegisterKind } from '@tocsin/contracts/common/v1/common';
import type { Audience } from '@tocsin/contracts/subscribers/v1/audience';
import { isLine, type Violations } from '@tocsin/errors';

const ATTRIBUTES: ReadonlySet<string> = new Set(['insee_code', 'postcode', 'city']);
const MAX_NAMES = 200;
const MAX_NAME = 100;
const MAX_VALUES = 1_000;
const MAX_EXCLUDED = 10_000;
const MIN_RING = 4;
const MAX_RING = 10_000;

/** An audience says whom it means: a rule without a criterion is refused, never read as everyone. `subscribers` checks it again in full at the preview. */
export function checkAudience(audience: Audience | undefined, violations: Violations): void {
  violations.check('content.audience', audience !== undefined, 'must be given');
  if (!audience) return;
  violations.check('content.audience.register', audience.register !== RegisterKind.UNSPECIFIED, 'must name one register');
  const { everyone, groups, attributes, zone } = audience;
  const criteria = groups.length + attributes.length + (zone ? 1 : 0);
  violations.check('content.audience', everyone || criteria > 0, 'selects nobody: give groups, attributes or a zone, or say everyone');
  violations.check('content.audience.everyone', !everyone || criteria === 0, 'cannot be said together with other criteria');
  checkNames('content.audience.groups', groups, violations);
  checkNames('content.audience.exclude_groups', audience.excludeGroups, violations);
  violations.check(
    'content.audience.exclude_contact_ids',
    audience.excludeContactIds.length <= MAX_EXCLUDED,
    `must be at most ${MAX_EXCLUDED}`,
  );
  for (const { attribute, values } of attributes) {
    violations.check('content.audience.attributes', ATTRIBUTES.has(attribute), `must be among ${[...ATTRIBUTES].join(', ')}`);
    violations.check(
      'content.audience.attributes',
      values.length > 0 && values.length <= MAX_VALUES && values.every((value) => isLine(value, MAX_NAME)),
      `each must have 1 to ${MAX_VALUES} values`,
    );
  }
  if (zone) checkRing(zone.ring, violations);
}

function checkRing(ring: readonly { readonly latitude: number; readonly longitude: number }[], violations: Violations): void {
  const field = 'content.audience.zone';
  violations.check(field, ring.length >= MIN_RING && ring.length <= MAX_RING, `must have ${MIN_RING} to ${MAX_RING} points`);
  const inRange = ring.every(({ latitude, longitude }) => Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180);
  violations.check(field, inRange, 'has a latitude beyond 90 or a longitude beyond 180 degrees');
  const [first] = ring;
  const last = ring.at(-1);
  violations.check(field, first?.latitude === last?.latitude && first?.longitude === last?.longitude, 'must be closed: last point = first');
}

function checkNames(field: string, names: readonly string[], violations: Violations): void {
  violations.check(field, names.length <= MAX_NAMES && names.every((name) => isLine(name, MAX_NAME)), `must be at most ${MAX_NAMES} names`);
}
