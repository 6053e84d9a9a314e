import { describe, expect, it } from 'vitest';
import { newId } from '@tocsin/contracts';
import { CampaignState, CampaignType, Mode, Tally } from '@tocsin/contracts/campaigns/v1/campaign';
import { CampaignReleased } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { CampaignContent } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { Lane, RegisterKind, Status } from '@tocsin/contracts/common/v1/common';
import { PrincipalKind, Role, Tenant } from '@tocsin/contracts/tenants/v1/tenant';
import { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError } from '@tocsin/errors';
import type { Decision } from '@tocsin/mongo';
import { type CampaignRecord, changed, contentOf } from '../campaign-record.js';
import { campaignView, hasEnded } from '../campaign-view.js';
import { approveCampaign } from './approve-campaign.js';
import { createCampaign } from './create-campaign.js';
import { finishCampaign } from './finish-campaign.js';
import { holdCampaign } from './hold-campaign.js';
import { noticeCampaign } from './notice-campaign.js';
import { pauseCampaign } from './pause-campaign.js';
import { previewCampaign } from './preview-campaign.js';
import { releaseCampaign } from './release-campaign.js';
import { resumeCampaign } from './resume-campaign.js';
import { startScheduled } from './start-scheduled.js';
import { stopCampaign } from './stop-campaign.js';
import { updateCampaign } from './update-campaign.js';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const CONTENT = CampaignContent.fromPartial({
  title: 'Crue de la Loue',
  type: CampaignType.ALERT,
  status: Status.ACTUAL,
  lane: Lane.LIFE_SAFETY,
  audience: { register: RegisterKind.GENERAL, everyone: true },
  messages: [{ channel: 'sms', language: 'fr', body: 'Bonjour {{ first_name }}' }],
  channels: ['sms'],
  mode: Mode.PARALLEL,
  purpose: 'alert',
  expiresAt: NOW + 2 * HOUR,
});
const TENANT = Tenant.fromPartial({
  tenantId: 'ten_a',
  name: 'Ville',
  weight: 3,
  approvalThreshold: 100,
  smsSender: 'VILLE',
  mailFrom: 'a@ville.example',
});

const caller = (principalId: string, kind = PrincipalKind.AGENT): Caller => Caller.fromPartial({ principalId, tenantId: 'ten_a', kind });
const author = caller('prn_author');
const second = caller('prn_second');
const approver: Caller = { ...second, roles: [Role.APPROVER] };
const machine = caller('prn_machine', PrincipalKind.MACHINE);

function after(decision: Decision<CampaignRecord> | null): CampaignRecord {
  if (!decision) throw new Error('expected a change');
  return decision.state;
}

function draft(content: Partial<CampaignContent> = {}): CampaignRecord {
  const creation = { campaignId: newId('cmp'), tenantId: 'ten_a', authorId: author.principalId, createdFrom: 'x', now: NOW };
  return createCampaign({ ...creation, content: { ...CONTENT, ...content } }).state;
}

const hashOf = (record: CampaignRecord): string => record.campaign.contentHash;
const previewed = (record: CampaignRecord, recipients = 50): CampaignRecord =>
  after(previewCampaign(record, hashOf(record), recipients, { channels: [] }));
const approved = (record: CampaignRecord): CampaignRecord =>
  after(approveCampaign(record, { caller: second, contentHash: hashOf(record), now: NOW }));
const release = (record: CampaignRecord, values: Partial<Parameters<typeof releaseCampaign>[2]> = {}): Decision<CampaignRecord> | null =>
  releaseCampaign(record, 4, { caller: author, tenant: TENANT, contentHash: hashOf(record), breakGlassReason: '', now: NOW, ...values });
const running = (): CampaignRecord => after(release(previewed(draft())));

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof TocsinError) return `${error.code} ${error.reason}`;
    throw error;
  }
  return 'accepted';
}

describe('a pace', () => {
  const paced = (): CampaignRecord => previewed(draft({ pace: { spreadSeconds: 0, perMinute: 1 } }), 90);
  const late = { now: NOW + HOUR };

  it('that ends after the expiry is refused at the release, unless that is accepted', () => {
    expect(refusal(() => release(paced()))).toBe('accepted');
    expect(refusal(() => release(paced(), late))).toBe('FAILED_PRECONDITION PACE_ENDS_AFTER_EXPIRY');
    expect(refusal(() => release(paced(), { ...late, acceptLate: true }))).toBe('accepted');
  });

  it('and the limits of its tenant travel with the release', () => {
    const limits = { lifeSafetyUnits: 7, quotas: [{ channel: 'sms', unitsPerDay: 5, unitsPerMinute: 0 }] };
    const decision = release(paced(), { tenant: { ...TENANT, version: 9, limits } });
    const payload = decision?.events[0]?.envelope?.payload ?? Buffer.alloc(0);
    expect(CampaignReleased.decode(payload)).toMatchObject({ campaign: { pace: { perMinute: 1 } }, limits, tenantVersion: 9 });
  });

  it('is part of what is approved: another one is another content', () => {
    expect(hashOf(draft({ pace: { spreadSeconds: 600, perMinute: 0 } }))).not.toBe(
      hashOf(draft({ pace: { spreadSeconds: 601, perMinute: 0 } })),
    );
    const without = after(updateCampaign(paced(), 2, { authorId: 'prn_author', content: CONTENT, seen: 2 }));
    expect(without.campaign.pace).toBeUndefined();
    expect(hashOf(without)).toBe(hashOf(draft()));
  });
});

describe('what routing says of a running campaign', () => {
  const told = { reason: 'QUOTA_REACHED', channel: 'sms', at: NOW };

  it('is kept once a channel, with the first time', () => {
    const first = after(noticeCampaign(running(), told));
    expect(first.campaign.notices).toEqual([told]);
    expect(noticeCampaign(first, { ...told, at: NOW + 1 })).toBeNull();
    expect(after(noticeCampaign(first, { ...told, channel: 'email' })).campaign.notices).toHaveLength(2);
  });
});

describe('who may release what', () => {
  const big = (): CampaignRecord => previewed(draft(), 101);
  const rows: { says: string; when: () => unknown; expected: string }[] = [
    { says: 'a small one goes without a second person', when: () => release(previewed(draft(), 100)), expected: 'accepted' },
    { says: 'one above the threshold does not', when: () => release(big()), expected: 'FAILED_PRECONDITION APPROVAL_MISSING' },
    {
      says: 'a threshold of 0 means always',
      when: () => release(previewed(draft(), 1), { tenant: { ...TENANT, approvalThreshold: 0 } }),
      expected: 'FAILED_PRECONDITION APPROVAL_MISSING',
    },
    { says: 'one approved by a second person goes', when: () => release(approved(big())), expected: 'accepted' },
    {
      says: 'its author does not approve it',
      when: () => approveCampaign(big(), { caller: author, contentHash: hashOf(big()), now: NOW }),
      expected: 'PERMISSION_DENIED OWN_CAMPAIGN',
    },
    {
      says: 'a machine does not approve it',
      when: () => approveCampaign(big(), { caller: machine, contentHash: hashOf(big()), now: NOW }),
      expected: 'PERMISSION_DENIED MACHINES_CANNOT_APPROVE',
    },
    {
      says: 'what nobody previewed is not approved',
      when: () => approveCampaign(draft(), { caller: second, contentHash: hashOf(draft()), now: NOW }),
      expected: 'FAILED_PRECONDITION NOT_PREVIEWED',
    },
    {
      says: 'another content than the one named is not approved',
      when: () => approveCampaign(big(), { caller: second, contentHash: 'other', now: NOW }),
      expected: 'FAILED_PRECONDITION CONTENT_CHANGED',
    },
    { says: 'what nobody previewed is not released', when: () => release(draft()), expected: 'FAILED_PRECONDITION NOT_PREVIEWED' },
    {
      says: 'another content is not released',
      when: () => release(big(), { contentHash: 'other' }),
      expected: 'FAILED_PRECONDITION CONTENT_CHANGED',
    },
    {
      says: 'nothing is released at its expiry',
      when: () => release(previewed(draft()), { now: CONTENT.expiresAt }),
      expected: 'FAILED_PRECONDITION CAMPAIGN_EXPIRED',
    },
    {
      says: 'a suspended tenant releases nothing',
      when: () => release(previewed(draft()), { tenant: { ...TENANT, suspended: true } }),
      expected: 'FAILED_PRECONDITION TENANT_SUSPENDED',
    },
    {
      says: 'a person alone at night breaks the glass',
      when: () => release(big(), { breakGlassReason: 'Rupture de digue, seul de garde' }),
      expected: 'accepted',
    },
    {
      says: 'the reason must be a sentence',
      when: () => release(big(), { breakGlassReason: 'urgent   ' }),
      expected: 'INVALID_ARGUMENT INVALID_FIELDS',
    },
    {
      says: 'a machine breaks no glass',
      when: () => release(big(), { caller: machine, breakGlassReason: 'Rupture de digue' }),
      expected: 'PERMISSION_DENIED BREAK_GLASS_BY_PERSONS_ONLY',
    },
    {
      says: 'a lesser lane breaks no glass',
      when: () => release(previewed(draft({ lane: Lane.URGENT }), 101), { breakGlassReason: 'Rupture de digue' }),
      expected: 'FAILED_PRECONDITION BREAK_GLASS_LIFE_SAFETY_ONLY',
    },
  ];
  it.each(rows)('$says', ({ when, expected }) => {
    expect(refusal(when)).toBe(expected);
  });

  it('an update voids the approval and the preview, and its writer becomes the author', () => {
    const record = approved(previewed(draft(), 101));
    const content = { ...contentOf(record.campaign), title: 'Crue du Doubs' };
    const next = after(updateCampaign(record, 3, { authorId: second.principalId, content, seen: 3 }));
    expect(next.campaign.approval).toBeUndefined();
    expect(hashOf(next)).not.toBe(hashOf(record));
    expect(refusal(() => release(next))).toBe('FAILED_PRECONDITION NOT_PREVIEWED');
    const seen = previewed(next, 101);
    expect(refusal(() => approveCampaign(seen, { caller: second, contentHash: hashOf(seen), now: NOW }))).toBe(
      'PERMISSION_DENIED OWN_CAMPAIGN',
    );
  });

  it('every part of the content is in the hash', () => {
    const audience = { ...CONTENT.audience, everyone: false, groups: ['quai'] } as CampaignContent['audience'];
    const changes: Partial<CampaignContent>[] = [
      { title: 'x' },
      { lane: Lane.BULK },
      { status: Status.TEST },
      { expiresAt: NOW + HOUR },
      { scheduledAt: NOW + 1 },
      { channels: ['sms', 'email'] },
      { messages: [] },
      { mode: Mode.ORDER },
      { type: CampaignType.UPDATE },
      { purpose: 'news' },
      { audience },
    ];
    const hashes = changes.map((change) => hashOf(draft(change)));
    expect(new Set([...hashes, hashOf(draft())]).size).toBe(changes.length + 1);
  });
});

describe('the life of a campaign', () => {
  it('tells the planner how many one person alone may reach, unless a second one vouched for it or the glass was broken', () => {
    const limit = (record: CampaignRecord, values = {}): number | undefined => after(release(record, values)).release?.recipientLimit;
    expect(limit(previewed(draft()))).toBe(TENANT.approvalThreshold);
    expect(limit(approved(previewed(draft())))).toBeUndefined();
    expect(limit(previewed(draft(), 101), { breakGlassReason: 'Seul de garde cette nuit' })).toBeUndefined();
  });

  it.each([
    ['its author', author],
    ['another author, who may not approve', second],
    ['its author, who may approve others', { ...author, roles: [Role.APPROVER] }],
    ['a machine', { ...machine, roles: [Role.APPROVER] }],
  ])('that outgrew what one person may decide is not resumed by %s', (_label, who) => {
    const held = after(holdCampaign(running()));
    expect(refusal(() => resumeCampaign(held, 6, { caller: who, now: NOW }))).toBe('PERMISSION_DENIED SECOND_PERSON_REQUIRED');
    const vouched = after(holdCampaign(after(release(approved(previewed(draft()))))));
    expect(after(resumeCampaign(vouched, 6, { caller: who, now: NOW })).campaign.state).toBe(CampaignState.RUNNING);
  });

  it('waits for a person when its audience outgrew the preview: once, until it is resumed or stopped', () => {
    const held = after(holdCampaign(running()));
    expect(held.campaign).toMatchObject({ state: CampaignState.PAUSED, holdReason: 'EXPANSION' });
    const resumed = after(resumeCampaign(held, 6, { caller: approver, now: NOW }));
    expect(resumed.campaign).toMatchObject({ state: CampaignState.RUNNING, holdReason: '' });
    expect(holdCampaign(resumed)).toBeNull();
    expect(after(stopCampaign(held, 6, { reason: '', now: NOW })).campaign.holdReason).toBe('');
    expect(after(holdCampaign(after(pauseCampaign(running(), 5, NOW)))).campaign.holdReason).toBe('EXPANSION');
    expect(holdCampaign(previewed(draft()))).toBeNull();
    expect(holdCampaign(after(stopCampaign(running(), 5, { reason: '', now: NOW })))).toBeNull();
  });

  it('is announced to the planner with its tenant, at its new version', () => {
    const decision = release(previewed(draft()));
    expect(decision?.state.campaign).toMatchObject({ state: CampaignState.RUNNING, releasedAt: NOW });
    expect(decision?.events.map((event) => [event.topic, event.envelope?.type, event.envelope?.epoch])).toEqual([
      ['campaign.events.v1', 'tocsin.campaigns.v1.CampaignReleased', 5],
    ]);
  });

  it('waits for its time when it has one, and starts once', () => {
    const scheduled = release(previewed(draft({ scheduledAt: NOW + HOUR })));
    expect(scheduled?.events).toEqual([]);
    const record = after(scheduled);
    expect(record.campaign.state).toBe(CampaignState.SCHEDULED);
    expect(startScheduled(record, 5, NOW + HOUR - 1)).toBeNull();
    const started = after(startScheduled(record, 5, NOW + HOUR));
    expect(started.campaign.state).toBe(CampaignState.RUNNING);
    expect(startScheduled(started, 6, NOW + HOUR)).toBeNull();
    expect(after(startScheduled(record, 5, CONTENT.expiresAt)).campaign.state).toBe(CampaignState.EXPIRED);
  });

  it('a repeated release changes nothing', () => {
    expect(release(running())).toBeNull();
    expect(refusal(() => release(running(), { contentHash: 'other' }))).toBe('FAILED_PRECONDITION CONTENT_CHANGED');
  });

  it('pauses, resumes and stops, each twice without a second effect, and tells the channels', () => {
    const paused = pauseCampaign(running(), 5, NOW);
    expect(paused?.events.map((event) => event.topic)).toEqual(['campaign.stops.v1', 'campaign.events.v1']);
    expect(pauseCampaign(after(paused), 6, NOW)).toBeNull();
    const resumed = after(resumeCampaign(after(paused), 6, { caller: author, now: NOW }));
    expect(resumeCampaign(resumed, 7, { caller: author, now: NOW })).toBeNull();
    const stopped = stopCampaign(resumed, 7, { reason: 'erreur', now: NOW });
    expect(stopped?.events.map((event) => event.envelope?.type)).toEqual([
      'tocsin.campaigns.v1.CampaignStop',
      'tocsin.campaigns.v1.CampaignStopped',
    ]);
    expect(stopCampaign(after(stopped), 8, { reason: '', now: NOW })).toBeNull();
    expect(refusal(() => resumeCampaign(after(stopped), 8, { caller: author, now: NOW }))).toBe('FAILED_PRECONDITION WRONG_STATE');
  });

  it('finishes once; a stopped one stays stopped and is counted, one cut off by its expiry is expired', () => {
    const tally = Tally.fromPartial({ recipients: 3, terminal: 3 });
    const finished = finishCampaign(running(), 5, tally, NOW);
    expect(finished?.state.campaign).toMatchObject({ state: CampaignState.FINISHED, finishedAt: NOW });
    expect(finishCampaign(after(finished), 6, tally, NOW + 1)).toBeNull();
    const stopped = after(stopCampaign(running(), 5, { reason: '', now: NOW }));
    expect(hasEnded(campaignView(stopped, 6, undefined, NOW))).toBe(false);
    const counted = after(finishCampaign(stopped, 6, tally, NOW));
    expect(counted.campaign.state).toBe(CampaignState.STOPPED);
    expect(hasEnded(campaignView(counted, 7, undefined, NOW))).toBe(true);
    const late = finishCampaign(running(), 5, { ...tally, expired: 1 }, CONTENT.expiresAt);
    expect(late?.state.campaign.state).toBe(CampaignState.EXPIRED);
    expect(finishCampaign(draft(), 1, tally, NOW)).toBeNull();
  });

  it('a draft that slept through its expiry is seen as expired', () => {
    expect(campaignView(draft(), 1, undefined, CONTENT.expiresAt - 1).state).toBe(CampaignState.DRAFT);
    expect(campaignView(draft(), 1, undefined, CONTENT.expiresAt).state).toBe(CampaignState.EXPIRED);
  });

  it('an update needs the version its writer saw', () => {
    const update = { authorId: 'prn_x', content: CONTENT, seen: 2 };
    expect(refusal(() => updateCampaign(draft(), 3, update))).toBe('ABORTED VERSION_CHANGED');
    expect(refusal(() => updateCampaign(changed(draft(), { state: CampaignState.RUNNING }), 2, update))).toBe(
      'FAILED_PRECONDITION WRONG_STATE',
    );
  });
});
