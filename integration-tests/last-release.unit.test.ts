import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DescField,
  type DescMessage,
  create,
  createFileRegistry,
  fromBinary,
  toBinary,
  type Message,
  ScalarType,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { RECORD_TYPES, recordsApart } from '@tocsin/contracts';
import { repositoryRoot } from '@tocsin/testing';
import { describe, expect, it } from 'vitest';

/**
 * Types of record the last release does not know, and why none of its processes ever meets one while both run: they lie on topics it does not
 * read, or are only written once TOCSIN_RECORDS says that it is gone.
 */
const UNKNOWN_TO_LAST: Readonly<Record<string, 'own topic' | 'TOCSIN_RECORDS'>> = {
  'tocsin.routing.v1.ChannelBacklog': 'own topic',
  'tocsin.tenants.v1.OperatorControl': 'own topic',
  'tocsin.tenants.v1.AuditHead': 'own topic',
  'tocsin.routing.v1.GrantBundle': 'TOCSIN_RECORDS',
  'tocsin.deliveries.v1.AttemptBundle': 'TOCSIN_RECORDS',
};

const last = registryOf('proto/last-release.binpb');
const present = registryOf('libs/contracts/descriptors/tocsin.binpb');
const ENVELOPE = 'tocsin.common.v1.Envelope';
const known = [...Object.keys(RECORD_TYPES), ENVELOPE].filter((type) => last.getMessage(type) !== undefined);

describe('G30: records of the last release and of this one, side by side', () => {
  it.each(known)('%s of the last release, every field set, is read here without a loss', (type) => {
    const there = messageOf(last, type);
    const here = messageOf(present, type);
    const written = filled(there);
    const read = fromBinary(here, toBinary(there, written));
    expect(toBinary(here, read)).toEqual(toBinary(there, written));
  });

  it.each(known)('%s of this release, every field set, is read by the last one, which passes on what it does not know', (type) => {
    const there = messageOf(last, type);
    const here = messageOf(present, type);
    const written = filled(here);
    const passedOn = fromBinary(here, toBinary(there, fromBinary(there, toBinary(here, written))));
    expect(passedOn).toEqual(fromBinary(here, toBinary(here, written)));
  });

  it('a type of record that the last release does not know has a reason why it never meets it', () => {
    const unknown = Object.keys(RECORD_TYPES).filter((type) => last.getMessage(type) === undefined);
    expect(unknown.toSorted()).toEqual(Object.keys(UNKNOWN_TO_LAST).toSorted());
    expect(recordsApart('0.1')).toBe(Number.POSITIVE_INFINITY);
  });
});

type Registry = ReturnType<typeof createFileRegistry>;

function registryOf(path: string): Registry {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(join(repositoryRoot(), path))));
}

function messageOf(registry: Registry, type: string): DescMessage {
  const found = registry.getMessage(type);
  if (!found) throw new Error(`no message is called ${type}`);
  return found;
}

/** A message with every field set to something that differs from its default, lists with two entries; messages in themselves once. */
function filled(desc: DescMessage, within: readonly string[] = []): Message {
  const message = create(desc);
  for (const field of desc.fields) {
    const value = valueOf(field, [...within, desc.typeName]);
    if (value !== undefined) (message as unknown as Record<string, unknown>)[field.localName] = value;
  }
  return message;
}

function valueOf(field: DescField, within: readonly string[]): unknown {
  switch (field.fieldKind) {
    case 'message':
      return within.includes(field.message.typeName) ? undefined : filled(field.message, within);
    case 'enum':
      return field.enum.values.at(-1)?.number;
    case 'scalar':
      return scalarOf(field.scalar, field.number);
    case 'list': {
      if (field.listKind === 'message')
        return within.includes(field.message.typeName) ? [] : [filled(field.message, within), filled(field.message, within)];
      if (field.listKind === 'enum') return field.enum.values.map((value) => value.number);
      return [scalarOf(field.scalar, field.number), scalarOf(field.scalar, field.number + 1)];
    }
    case 'map':
      return field.mapKind === 'scalar' ? { [String(field.number)]: scalarOf(field.scalar, field.number) } : undefined;
  }
}

/** Numbers of several bytes, so that a field read as another kind shows. */
function scalarOf(type: ScalarType, seed: number): unknown {
  switch (type) {
    case ScalarType.STRING:
      return `texte ${seed} é`;
    case ScalarType.BYTES:
      return Uint8Array.of(0, 255, seed);
    case ScalarType.BOOL:
      return true;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return seed + 0.5;
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
    case ScalarType.SINT64:
      return 1_700_000_000_000n + BigInt(seed);
    case ScalarType.INT32:
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
    case ScalarType.SINT32:
      return 70_000 + seed;
  }
}
