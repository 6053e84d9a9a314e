import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@tocsin/contracts';
import { CampaignsServiceDefinition } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { TenantsServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError } from '@tocsin/errors';
import type { GrpcChannel } from '@tocsin/grpc';
import { FIXTURES, type Fixture, type Ids } from './isolation/fixtures.js';
import { callRpc, rpcsSaidPublic } from './isolation/public-rpcs.js';
import { CALL, fillTenant, makeTenant, type Member } from './isolation/two-tenants.js';
import { startStack, type RunningStack } from './stack.js';

const RPCS = rpcsSaidPublic();
let stack: RunningStack | undefined;
const channels: GrpcChannel[] = [];
/** Who tries; has nothing but itself. */
let stranger: Member;
/** Whose things are tried. */
let owner: Member;

const NOTHING: Ids = {
  tenantId: newId('ten'),
  campaignId: newId('cmp'),
  importId: newId('imp'),
  contactId: 'con_999999_7',
  principalId: newId('prn'),
  keyId: newId('key'),
};

beforeAll(async () => {
  stack = await startStack();
  stranger = await makeTenant(stack.address, stack.adminKey, 'Ville A');
  channels.push(stranger.channel);
  const empty = await makeTenant(stack.address, stack.adminKey, 'Ville B');
  channels.push(empty.channel);
  owner = await fillTenant(empty);
}, 300_000);

afterAll(async () => {
  for (const channel of channels) channel.close();
  await stack?.stop();
}, 120_000);

/** Everything a caller can see of an answer. */
async function shapeOf(member: Member, rpc: string, request: object): Promise<object> {
  try {
    await callRpc(member.channel, rpc, request, CALL.deadlineMs);
    return { code: 'OK' };
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    const { code, reason, message, fieldViolations, metadata } = error;
    return { code, reason, message, fieldViolations, metadata };
  }
}

function fixtureOf(rpc: string): Fixture {
  const fixture = FIXTURES[rpc];
  if (fixture === undefined) throw new Error(`${rpc} is public and has no row in isolation/fixtures.ts`);
  return fixture;
}

describe('a tenant sees nothing of another', () => {
  it('every public RPC of the protos has a row', () => {
    expect(Object.keys(FIXTURES).toSorted()).toEqual(RPCS);
  });

  it.each(RPCS)("%s: another tenant's ids answer exactly as ids of nothing", async (rpc) => {
    const fixture = fixtureOf(rpc);
    const theirs = await shapeOf(stranger, rpc, fixture.request(owner.ids));
    expect(theirs).toMatchObject({ code: fixture.expects === 'not-found' ? 'NOT_FOUND' : 'PERMISSION_DENIED' });
    expect(await shapeOf(stranger, rpc, fixture.request(NOTHING))).toEqual(theirs);
  });

  it.each(RPCS.filter((rpc) => FIXTURES[rpc]?.below))("%s: another tenant's thing asked for as one's own answers the same", async (rpc) => {
    const fixture = fixtureOf(rpc);
    const theirs = await shapeOf(stranger, rpc, fixture.request({ ...owner.ids, tenantId: '' }));
    expect(theirs).toMatchObject({ code: 'NOT_FOUND' });
    expect(await shapeOf(stranger, rpc, fixture.request({ ...NOTHING, tenantId: '' }))).toEqual(theirs);
  });

  it.each(RPCS.filter((rpc) => FIXTURES[rpc]?.reads))('%s: its owner is answered, so the ids are real', async (rpc) => {
    expect(await shapeOf(owner, rpc, fixtureOf(rpc).request(owner.ids))).toEqual({ code: 'OK' });
  });

  it('after all of it the owner’s things are as they were, and its audit names nobody else', async () => {
    const { campaign } = await owner.channel.client(CampaignsServiceDefinition).getCampaign({ campaignId: owner.ids.campaignId }, CALL);
    expect(campaign?.version).toBe(1);
    const { entries } = await owner.channel.client(TenantsServiceDefinition).listAudit({ pageSize: 500 }, CALL);
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.filter((entry) => entry.principalId === stranger.ids.principalId)).toEqual([]);
    const { entries: own } = await stranger.channel.client(TenantsServiceDefinition).listAudit({ pageSize: 500 }, CALL);
    expect(own.filter((entry) => entry.outcome === 'NOT_FOUND').length).toBeGreaterThan(20);
  });
});
