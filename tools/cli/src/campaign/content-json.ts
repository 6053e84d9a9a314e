import { z } from 'zod';
import { CampaignType, Mode, type Pace } from '@tocsin/contracts/campaigns/v1/campaign';
import { CampaignContent } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { Lane, RegisterKind, Status, type Polygon } from '@tocsin/contracts/common/v1/common';
import { enumValue, moment, span } from '../option-values.js';
import { UsageError } from '../usage-error.js';

const rings = z.array(z.array(z.tuple([z.number(), z.number()]).rest(z.number()))).length(1, 'must have one ring: holes are not known');
/** One ring, [longitude, latitude]; map programs write a lone polygon as a collection of one too. */
const polygon = z.union([
  z.object({ type: z.literal('Polygon'), coordinates: rings }),
  z
    .object({ type: z.literal('MultiPolygon'), coordinates: z.tuple([rings], 'must be one polygon') })
    .transform(({ coordinates: [only] }) => ({ type: 'Polygon' as const, coordinates: only })),
]);
const feature = z.object({ type: z.literal('Feature'), geometry: polygon });
/** A GeoJSON polygon, alone, as a feature, or as a collection with that one feature, which is what drawing tools save. */
const zone = z.union([
  polygon,
  feature.transform(({ geometry }) => geometry),
  z
    .object({ type: z.literal('FeatureCollection'), features: z.tuple([feature], 'must hold one polygon') })
    .transform(({ features: [only] }) => only.geometry),
]);

/** The file of `campaign create --file`: the words of the API in JSON, names for enums, times as ISO 8601 or "+2h". */
const contentFile = z.strictObject({
  title: z.string(),
  type: z.string().default('alert'),
  status: z.string().default('actual'),
  lane: z.string(),
  corrects: z.string().optional(),
  audience: z
    .strictObject({
      register: z.string().default('general'),
      everyone: z.boolean().default(false),
      groups: z.array(z.string()).default([]),
      attributes: z.array(z.strictObject({ attribute: z.string(), values: z.array(z.string()) })).default([]),
      zone: zone.optional(),
      excludeGroups: z.array(z.string()).default([]),
      excludeContactIds: z.array(z.string()).default([]),
    })
    .prefault({}),
  messages: z.array(
    z.strictObject({ channel: z.string(), language: z.string().default('fr'), subject: z.string().default(''), body: z.string() }),
  ),
  channels: z.array(z.string()),
  mode: z.string().default('parallel'),
  purpose: z.string().default('alert'),
  expiresAt: z.string(),
  scheduledAt: z.string().optional(),
  pace: z.union([z.strictObject({ spread: z.string() }), z.strictObject({ perMinute: z.int() })]).optional(),
});

export type ContentFile = z.input<typeof contentFile>;

/** Checks the shape only; what the words mean is for the platform to judge. Throws UsageError naming every fault. */
export function readContent(value: unknown, now: number): CampaignContent {
  const parsed = contentFile.safeParse(value);
  if (!parsed.success) throw new UsageError(`The campaign is not written as expected:\n${z.prettifyError(parsed.error)}`);
  const { audience, ...content } = parsed.data;
  return CampaignContent.fromPartial({
    title: content.title,
    type: enumValue(CampaignType, 'type', content.type),
    status: enumValue(Status, 'status', content.status),
    lane: enumValue(Lane, 'lane', content.lane),
    ...(content.corrects === undefined ? {} : { corrects: content.corrects }),
    ...(content.corrects !== undefined && saysNobody(audience) ? {} : { audience: audienceOf(audience) }),
    messages: content.messages,
    channels: content.channels,
    mode: enumValue(Mode, 'mode', content.mode),
    purpose: content.purpose,
    expiresAt: moment('expiresAt', content.expiresAt, now),
    scheduledAt: content.scheduledAt === undefined ? 0 : moment('scheduledAt', content.scheduledAt, now),
    ...(content.pace === undefined ? {} : { pace: paceOf(content.pace) }),
  });
}

type AudienceFile = z.output<typeof contentFile>['audience'];

/** Nothing but what stands there by itself. */
function saysNobody({ everyone, groups, attributes, zone: inside, excludeGroups, excludeContactIds }: AudienceFile): boolean {
  return !everyone && inside === undefined && [groups, attributes, excludeGroups, excludeContactIds].every(({ length }) => length === 0);
}

function audienceOf(audience: AudienceFile) {
  return {
    ...audience,
    register: enumValue(RegisterKind, 'register', audience.register),
    zone: audience.zone === undefined ? undefined : ringOf(audience.zone),
  };
}

function paceOf(given: NonNullable<z.output<typeof contentFile>['pace']>): Pace {
  if ('perMinute' in given) return { spreadSeconds: 0, perMinute: given.perMinute };
  return { spreadSeconds: Math.round(span('pace.spread', given.spread) / 1_000), perMinute: 0 };
}

function ringOf(given: z.output<typeof polygon>): Polygon {
  return { ring: (given.coordinates[0] ?? []).map(([longitude, latitude]) => ({ latitude, longitude })) };
}
