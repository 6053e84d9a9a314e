import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, record, TOPICS, unpackEnvelope, type UnpackedRecord } from '@tocsin/contracts';
import { type Campaign, CampaignState, CampaignType } from '@tocsin/contracts/campaigns/v1/campaign';
import { CampaignContent, CampaignsServiceDefinition } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { StopKind } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { Manifest } from '@tocsin/contracts/channels/v1/channels';
import { Lane, RegisterKind, Status } from '@tocsin/contracts/common/v1/common';
import { TallyPart } from '@tocsin/contracts/deliveries/v1/tallies';
import { type ImportRegisterRequest, RegistersServiceDefinition } from '@tocsin/contracts/subscribers/v1/registers_service';
import { PrincipalKind, TenantKind } from '@tocsin/contracts/tenants/v1/tenant';
import { Caller, TenantsServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';
import { onBehalfOf, openGrpcChannel, serviceCaller, type GrpcChannel } from '@tocsin/grpc';
import { connectKafka, type KafkaConnection } from '@tocsin/kafka';
import { createObservability } from '@tocsin/observability';
import { failTest, groundEnv, type ServiceProcess, startGround, startService, type TestGround, waitUntil } from '@tocsin/testing';

const deps = createObservability({ service: 'test', instanceId: 'campaigns-test', logLevel: 'error' });
const CALL = 20_000;
const SETTLES = 60_000;

let ground: TestGround;
let kafka: KafkaConnection;
let env: Record<string, string>;
let tenantId: string;
const services: ServiceProcess[] = [];
const channels: GrpcChannel[] = [];
const events: UnpackedRecord[] = [];
const known = new Set<string>();
/** When each event was seen here, by type and campaign. */
const seenAt = new Map<string, number>();

async function start(name: string): Promise<ServiceProcess> {
  const service = await startService(name, env);
  services.push(service);
  return service;
}

function channelTo(...to: ServiceProcess[]): GrpcChannel {
  const channel = openGrpcChannel({ addresses: to.map((service) => `127.0.0.1:${service.grpcPort}`) }, deps);
  channels.push(channel);
  return channel;
}

const caller = (principalId: string, kind = PrincipalKind.AGENT, tenant = tenantId): Caller =>
  Caller.fromPartial({ principalId, tenantId: tenant, kind });
const as = (principalId: string, kind = PrincipalKind.AGENT, tenant = tenantId) => onBehalfOf(caller(principalId, kind, tenant), CALL);

function content(values: Partial<CampaignContent> = {}): CampaignContent {
  return CampaignContent.fromPartial({
    title: 'Crue de la Loue',
    type: CampaignType.ALERT,
    status: Status.ACTUAL,
    lane: Lane.LIFE_SAFETY,
    audience: { register: RegisterKind.GENERAL, everyone: true },
    messages: [
      { channel: 'sms', body: 'Bonjour {{ first_name }}, tempête à {{ city }}.' },
      { channel: 'email', subject: 'Tempête à {{ city }}', body: 'Bonjour {{ first_name }}.' },
    ],
    channels: ['sms', 'email'],
    expiresAt: Date.now() + 3_600_000,
    ...values,
  } as never);
}

const csv = `Nom;Prénom;Téléphone mobile;Courriel;Ville
Martin;Zoé;06 39 98 00 01;zoe@example.org;Besançon
Durand;Paul;06 39 98 00 02;;Besançon
Petit;Anne;;anne@example.org;Besançon
`;

beforeAll(async () => {
  ground = await startGround();
  env = groundEnv(ground);
  kafka = connectKafka({ brokers: ground.brokers, clientId: 'campaigns-test', prefix: ground.prefix }, { ...deps, fail: failTest });
  await kafka.ensureTopics([TOPICS.manifests, TOPICS.campaignEvents, TOPICS.campaignStops, TOPICS.tallies]);
  for (const manifest of [
    { channel: 'sms', addressKinds: ['mobile'], costUnit: 'segment' },
    { channel: 'email', addressKinds: ['mailbox'], costUnit: 'message', features: ['subject'] },
  ]) {
    const meta = { tenantId: '', occurredAt: Date.now() };
    await kafka
      .producer()
      .send([record(TOPICS.manifests.name, manifest.channel, 'tocsin.channels.v1.Manifest', Manifest.fromPartial(manifest), meta)]);
  }
  const tail = kafka.tail({
    name: 'campaigns-test',
    topics: [
      { topic: TOPICS.campaignEvents.name, from: 'beginning' },
      { topic: TOPICS.campaignStops.name, from: 'beginning' },
    ],
    async onBatch(batch) {
      for (const { envelope, key } of batch.records) {
        // The outbox delivers at least once: the same event may come again after a restart.
        if (!envelope || known.has(envelope.eventId)) continue;
        known.add(envelope.eventId);
        events.push(unpackEnvelope(envelope));
        seenAt.set(`${envelope.type.split('.').at(-1)} ${key}`, Date.now());
      }
    },
  });
  await tail.start();

  const tenants = await start('tenants');
  env = { ...env, TOCSIN_ADDRESSES_TENANTS: `127.0.0.1:${tenants.grpcPort}` };
  const created = await channelTo(tenants)
    .client(TenantsServiceDefinition)
    .createTenant(
      {
        idempotencyKey: 'besancon',
        name: 'Besançon',
        kind: TenantKind.COMMUNE,
        inseeCode: '25056',
        weight: 3,
        approvalThreshold: 2,
        smsSender: 'BESANCON',
        mailFrom: 'alerte@besancon.example',
      },
      onBehalfOf(serviceCaller('test'), CALL),
    );
  tenantId = created.tenant?.tenantId ?? '';
  const subscribers = await start('subscribers');
  env = { ...env, TOCSIN_ADDRESSES_SUBSCRIBERS: `127.0.0.1:${subscribers.grpcPort}` };
  const header = { idempotencyKey: 'i1', tenantId, register: RegisterKind.GENERAL, fileName: 'registre.csv', purpose: 'alert', groups: [] };
  const upload = async function* (): AsyncGenerator<ImportRegisterRequest> {
    yield { part: { $case: 'header', value: header } };
    yield { part: { $case: 'chunk', value: Buffer.from(csv) } };
  };
  for await (const { import: progress } of channelTo(subscribers)
    .client(RegistersServiceDefinition)
    .importRegister(upload(), as('prn_registrar'))) {
    void progress;
  }
});

afterAll(async () => {
  for (const channel of channels) channel.close();
  for (const service of services) await service.kill();
  await kafka.close(5_000);
  await ground.stop();
});

const clientOf = (...to: ServiceProcess[]) => channelTo(...to).client(CampaignsServiceDefinition);
type Client = ReturnType<typeof clientOf>;

async function draft(client: Client, values: Partial<CampaignContent> = {}, key = newId('evt')): Promise<Campaign> {
  const { campaign } = await client.createCampaign({ idempotencyKey: key, tenantId, content: content(values) }, as('prn_author'));
  if (!campaign) throw new Error('no campaign');
  return campaign;
}

async function releasedCampaign(client: Client, values: Partial<CampaignContent> = {}): Promise<Campaign> {
  const { campaignId } = await draft(client, values);
  const { contentHash } = await client.previewCampaign({ tenantId, campaignId }, as('prn_author'));
  await client.approveCampaign({ tenantId, campaignId, contentHash }, as('prn_second'));
  const { campaign } = await client.releaseCampaign({ tenantId, campaignId, contentHash }, as('prn_author'));
  if (!campaign) throw new Error('no campaign');
  return campaign;
}

async function tally(
  campaignId: string,
  partition: number,
  sequence: number,
  recipients: number,
  terminal: number,
  closedRecipients = 0,
): Promise<void> {
  const value = TallyPart.fromPartial({
    campaignId,
    tenantId,
    partition,
    sequence,
    closed: closedRecipients > 0,
    closedRecipients,
    tally: { recipients, terminal, delivered: terminal, pending: recipients - terminal, planClosed: closedRecipients > 0 },
  });
  const meta = { tenantId, occurredAt: Date.now() };
  await kafka.producer().send([record(TOPICS.tallies.name, `${campaignId}:${partition}`, 'tocsin.deliveries.v1.TallyPart', value, meta)]);
}

const eventsOf = (campaignId: string): string[] =>
  events
    .filter(
      ({ value }) => ('campaignId' in value ? value.campaignId : 'campaign' in value ? value.campaign?.campaignId : '') === campaignId,
    )
    .map(({ type }) => type.split('.').at(-1) ?? '');

describe('campaigns on a real broker and store, with real tenants and subscribers', () => {
  let first: ServiceProcess;
  let second: ServiceProcess;
  beforeAll(async () => {
    [first, second] = await Promise.all([start('campaigns'), start('campaigns')]);
  });

  it('64 calls at once on two instances make one campaign, another body under the key is refused', async () => {
    const client = clientOf(first, second);
    const same = content();
    const made = await Promise.all(
      Array.from({ length: 64 }, () => client.createCampaign({ idempotencyKey: 'once', tenantId, content: same }, as('prn_author'))),
    );
    expect(new Set(made.map(({ campaign }) => campaign?.campaignId)).size).toBe(1);
    const { campaigns } = await client.listCampaigns({ tenantId, pageSize: 100, pageToken: '' }, as('prn_author'));
    expect(campaigns.map((campaign) => campaign.campaignId)).toEqual([made[0]?.campaign?.campaignId]);
    await expect(
      client.createCampaign({ idempotencyKey: 'once', tenantId, content: { ...same, title: 'Autre' } }, as('prn_author')),
    ).rejects.toMatchObject({ code: 'ALREADY_EXISTS', reason: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('tells whom a draft reaches, what its accents cost and how it reads', async () => {
    const client = clientOf(first);
    const { campaignId } = await draft(client);
    const preview = await client.previewCampaign({ tenantId, campaignId }, as('prn_author'));
    expect(preview).toMatchObject({ recipients: 3, needsApproval: true });
    const [sms, email] = preview.channels;
    expect(sms).toMatchObject({ channel: 'sms', recipients: 2, cost: 2, costUnit: 'segment', unicode: 2, costlyCharacters: ['ê'] });
    expect(email).toMatchObject({ channel: 'email', recipients: 2, costUnit: 'message', costlyCharacters: [] });
    expect(sms?.samples.map((sample) => sample.body)).toContain('Bonjour Zoé, tempête à Besançon.');
    expect(preview.campaign).toMatchObject({ previewedHash: preview.contentHash, estimatedRecipients: 3 });
  });

  it("is another tenant's nothing", async () => {
    const client = clientOf(first);
    const { campaignId } = await draft(client);
    const other = newId('ten');
    const stranger = as('prn_x', PrincipalKind.AGENT, other);
    for (const asked of [tenantId, other, '']) {
      await expect(client.getCampaign({ tenantId: asked, campaignId }, stranger)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'Campaign not found.',
      });
      await expect(client.stopCampaign({ tenantId: asked, campaignId, reason: '' }, stranger)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(client.updateCampaign({ tenantId: asked, campaignId, version: 1 }, stranger)).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    }
    await expect(client.getCampaign({ tenantId, campaignId: newId('cmp') }, as('prn_author'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'Campaign not found.',
    });
  });

  it('needs a second person above the threshold, announces the release itself, not by the sweep, and tells channels of pause and stop', async () => {
    const client = clientOf(first);
    const { campaignId } = await draft(client);
    const { contentHash } = await client.previewCampaign({ tenantId, campaignId }, as('prn_author'));
    const release = { tenantId, campaignId, contentHash };
    await expect(client.releaseCampaign(release, as('prn_author'))).rejects.toMatchObject({ reason: 'APPROVAL_MISSING' });
    await expect(client.approveCampaign(release, as('prn_author'))).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      reason: 'OWN_CAMPAIGN',
    });
    await expect(client.approveCampaign(release, as('prn_m', PrincipalKind.MACHINE))).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    await client.approveCampaign(release, as('prn_second'));
    const called = Date.now();
    await client.releaseCampaign(release, as('prn_author'));
    await waitUntil('released', async () => seenAt.has(`CampaignReleased ${campaignId}`), SETTLES);
    // The sweep comes every five seconds; how soon the first message leaves is measured by the main job.
    expect((seenAt.get(`CampaignReleased ${campaignId}`) ?? 0) - called).toBeLessThan(4_000);
    const announced = events.find(
      (event) => event.type === 'tocsin.campaigns.v1.CampaignReleased' && event.value.campaign?.campaignId === campaignId,
    );
    expect(announced?.value).toMatchObject({
      tenantWeight: 3,
      smsSender: 'BESANCON',
      mailFrom: 'alerte@besancon.example',
      tenantName: 'Besançon',
    });
    await client.pauseCampaign({ tenantId, campaignId }, as('prn_author'));
    await client.pauseCampaign({ tenantId, campaignId }, as('prn_author'));
    await client.resumeCampaign({ tenantId, campaignId }, as('prn_author'));
    await client.stopCampaign({ tenantId, campaignId, reason: 'erreur' }, as('prn_author'));
    await waitUntil('stopped', async () => eventsOf(campaignId).includes('CampaignStopped'), SETTLES);
    await waitUntil('three stops', async () => eventsOf(campaignId).filter((type) => type === 'CampaignStop').length === 3, SETTLES);
    expect(eventsOf(campaignId).filter((type) => type !== 'CampaignStop')).toEqual([
      'CampaignReleased',
      'CampaignPaused',
      'CampaignResumed',
      'CampaignStopped',
    ]);
  });

  it('goes by a broken glass with an audit entry before it', async () => {
    const client = clientOf(first);
    const { campaignId } = await draft(client);
    const { contentHash } = await client.previewCampaign({ tenantId, campaignId }, as('prn_author'));
    const { campaign } = await client.releaseCampaign(
      { tenantId, campaignId, contentHash, breakGlassReason: 'Rupture de digue, seul de garde' },
      as('prn_author'),
    );
    expect(campaign?.breakGlass).toMatchObject({ principalId: 'prn_author', reason: 'Rupture de digue, seul de garde' });
    const tenants = services[0];
    if (!tenants) throw new Error('no tenants');
    const { entries } = await channelTo(tenants)
      .client(TenantsServiceDefinition)
      .listAudit({ tenantId, pageSize: 100, pageToken: '' }, as('prn_author'));
    expect(entries).toContainEqual(expect.objectContaining({ action: 'break-glass', subjectId: campaignId, principalId: 'prn_author' }));
  });

  it('is watched on one instance while parts are counted by another, finishes once, and counts late corrections', async () => {
    const { campaignId } = await releasedCampaign(clientOf(first));
    const seen: Campaign[] = [];
    const watching = Promise.all(
      [first, second].map(async (service) => {
        const watched: Campaign[] = [];
        for await (const { campaign } of clientOf(service).watchCampaign(
          { tenantId, campaignId, cursor: 0 },
          onBehalfOf(caller('prn_author'), 60_000),
        )) {
          if (campaign) watched.push(campaign);
        }
        seen.push(...watched);
        return watched.at(-1);
      }),
    );
    await tally(campaignId, 0, 1, 2, 0);
    await tally(campaignId, 1, 1, 1, 1);
    await tally(campaignId, 0, 2, 2, 1, 3);
    await tally(campaignId, 0, 2, 2, 0);
    await tally(campaignId, 1, 2, 1, 1, 3);
    await tally(campaignId, 0, 3, 2, 2, 3);
    const ends = await watching;
    expect(ends.map((campaign) => campaign?.state)).toEqual([CampaignState.FINISHED, CampaignState.FINISHED]);
    expect(ends[0]?.tally).toMatchObject({ recipients: 3, terminal: 3, pending: 0 });
    await tally(campaignId, 0, 4, 2, 1, 3);
    const client = clientOf(second);
    await waitUntil(
      'a correction',
      async () => (await client.getCampaign({ tenantId, campaignId }, as('prn_author'))).campaign?.tally?.delivered === 2,
      SETTLES,
    );
    const { campaign } = await client.getCampaign({ tenantId, campaignId }, as('prn_author'));
    expect(campaign?.state).toBe(CampaignState.FINISHED);
    expect(eventsOf(campaignId).filter((type) => type === 'CampaignFinished')).toHaveLength(1);
  });

  it('a watch cut off on one instance goes on from its cursor on the other: nothing twice, nothing missed', async () => {
    const { campaignId } = await releasedCampaign(clientOf(first));
    const watched = async (service: ServiceProcess, cursor: number, cut: (campaign: Campaign) => boolean) => {
      const seen: { cursor: number; campaign: Campaign | undefined }[] = [];
      const request = { tenantId, campaignId, cursor };
      for await (const answer of clientOf(service).watchCampaign(request, onBehalfOf(caller('prn_author'), 60_000))) {
        seen.push(answer);
        if (answer.campaign && cut(answer.campaign)) break;
      }
      return seen;
    };
    await tally(campaignId, 0, 1, 3, 1);
    const before = await watched(first, 0, (campaign) => campaign.tally?.terminal === 1);
    const last = before.at(-1)?.cursor ?? 0;
    const rest = watched(second, last, () => false);
    await tally(campaignId, 0, 2, 3, 3, 3);
    const after = await rest;
    expect(after.at(-1)?.campaign?.state).toBe(CampaignState.FINISHED);
    const cursors = [...before, ...after].map(({ cursor }) => cursor);
    expect(cursors).toEqual([...new Set(cursors)].toSorted((a, b) => a - b));
    expect(after.map(({ campaign }) => campaign?.tally?.terminal)).not.toContain(1);
  });

  it('an audience that outgrew its preview is shown as waiting for a person, whose resume the planner hears', async () => {
    const { campaignId } = await releasedCampaign(clientOf(first));
    const question = { campaignId, kind: StopKind.PAUSED, lane: Lane.LIFE_SAFETY, at: Date.now(), reason: 'EXPANSION' };
    const ask = () =>
      kafka
        .producer()
        .send([record(TOPICS.campaignStops.name, campaignId, 'tocsin.campaigns.v1.CampaignStop', question, { tenantId, occurredAt: 1 })]);
    await ask();
    const client = clientOf(second);
    const now = async () => (await client.getCampaign({ tenantId, campaignId }, as('prn_author'))).campaign;
    await waitUntil('held', async () => (await now())?.state === CampaignState.PAUSED, SETTLES);
    expect(await now()).toMatchObject({ holdReason: 'EXPANSION' });
    await client.resumeCampaign({ tenantId, campaignId }, as('prn_author'));
    await waitUntil('the planner hears it', async () => eventsOf(campaignId).includes('CampaignResumed'), SETTLES);
    await ask();
    await tally(campaignId, 0, 1, 3, 3, 3);
    await waitUntil('finished, not held again', async () => (await now())?.state === CampaignState.FINISHED, SETTLES);
    expect(await now()).toMatchObject({ holdReason: '' });
  });

  it('starts a scheduled campaign once at its time, though the instance that scheduled it was killed', async () => {
    const campaign = await releasedCampaign(clientOf(second), { scheduledAt: Date.now() + 4_000 });
    expect(campaign.state).toBe(CampaignState.SCHEDULED);
    await second.kill();
    await waitUntil('started', async () => seenAt.has(`CampaignReleased ${campaign.campaignId}`), SETTLES);
    expect((seenAt.get(`CampaignReleased ${campaign.campaignId}`) ?? 0) - campaign.scheduledAt).toBeGreaterThanOrEqual(0);
    second = await start('campaigns');
    const { campaign: now } = await clientOf(second).getCampaign({ tenantId, campaignId: campaign.campaignId }, as('prn_author'));
    expect(now?.state).toBe(CampaignState.RUNNING);
    expect(eventsOf(campaign.campaignId)).toEqual(['CampaignReleased']);
  });

  it('loses nothing it answered OK when killed straight after', async () => {
    const victim = await start('campaigns');
    const { campaignId } = await releasedCampaign(clientOf(victim));
    await victim.kill();
    await waitUntil('announced by another', async () => eventsOf(campaignId).includes('CampaignReleased'), SETTLES);
    const { campaign } = await clientOf(first).getCampaign({ tenantId, campaignId }, as('prn_author'));
    expect(campaign?.state).toBe(CampaignState.RUNNING);
  });
});
