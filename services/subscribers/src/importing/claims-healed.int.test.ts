import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@tocsin/contracts';
import { RegisterKind } from '@tocsin/contracts/common/v1/common';
import { connectMongo, type MongoConnection } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import { loadSealer, type Sealer } from '@tocsin/sealing';
import { startGround, type TestGround } from '@tocsin/testing';
import { claimCodec, findClaims, keyOf, takeClaims } from '../register/claims.js';
import { HashBuckets, type BucketDocument } from '../register/hash-buckets.js';
import { Heads, type HeadDocument } from '../register/heads.js';
import { Pages, type PageDocument } from '../register/pages.js';
import { Summaries, type SummaryDocument } from '../register/summaries.js';
import { LANES } from '../turns/lanes.js';
import { writeChunk, type ChunkParts } from './chunk-writer.js';
import { packRow, type PackedRow } from './packed-row.js';

const observed = createObservability({ service: 'test', instanceId: 'claims-healed-test', logLevel: 'error' });
const MOBILE = '+33639980001';

describe('an import that was killed after it had claimed an address', () => {
  let ground: TestGround;
  let mongo: MongoConnection;
  let sealer: Sealer;
  let parts: ChunkParts;

  beforeAll(async () => {
    ground = await startGround();
    mongo = await connectMongo(ground.mongoUri, `${ground.prefix}subscribers`, observed);
    sealer = loadSealer(ground.keyFile);
    parts = {
      heads: new Heads(await mongo.documents<HeadDocument>('registers')),
      buckets: new HashBuckets(await mongo.documents<BucketDocument>('buckets'), claimCodec, LANES.file),
      pages: new Pages(await mongo.documents<PageDocument>('pages')),
      summaries: new Summaries(await mongo.documents<SummaryDocument>('summaries')),
    };
  });
  afterAll(async () => {
    await mongo.close();
    await ground.stop();
  });

  const hash = (address: string): string => keyOf(sealer.addressHash(address));
  function row(line: number, address: string): PackedRow {
    const variables = { first_name: 'Zoé', last_name: 'Martin', street: '', postcode: '', city: '' };
    const addresses = [{ kind: 'mobile', address, consent: 'given' }] as const;
    return packRow({ line, variables, inseeCode: '', groups: [], position: undefined, addresses }, hash, () => false);
  }

  it('the next import writes the contact into the place claimed, and gives its address no second one', async () => {
    const tenantId = newId('ten');
    const key = sealer.createTenantKey();
    const head = await parts.heads.open(tenantId, RegisterKind.GENERAL, async () => ({ sealKey: key, inseeCode: '' }));
    const place = await parts.heads.reserve(head._id, 5);
    expect(await takeClaims(parts.buckets, head._id, [{ key: hash(MOBILE), place: place + 3, kinds: 1 }])).toEqual(new Map());

    const sealing = { sealer, key, importId: 'imp_2', purpose: 'alert' };
    const { counts } = await writeChunk(head._id, [row(1, MOBILE), row(2, '+33639980002')], sealing, parts);
    expect(counts).toMatchObject({ created: 2, updated: 0 });
    const page = await parts.pages.get(head._id, 0);
    const slots = page.contacts
      .filter(({ addresses }) => addresses.some((one) => keyOf(one.hash) === hash(MOBILE)))
      .map(({ slot }) => slot);
    expect(slots).toEqual([3]);
    expect((await findClaims(parts.buckets, head._id, [hash(MOBILE)])).get(hash(MOBILE))?.place).toBe(3);
  });
});
