import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { TocsinError } from '@tocsin/errors';
import { CALL_DEADLINE_MS } from '../../../stack/dist/job/partner.js';
import type { PlannedCampaign } from '../plan/plan-campaigns.js';
import type { CampaignLog } from './campaign-log.js';
import { contentOf, correctionOf } from './content.js';
import { persist, type CallTroubles } from './persist.js';
import type { ChaosTenant } from './tenant.js';

/** A campaign is drafted and previewed so long before its release, ms. */
const PREPARED_BEFORE_MS = 6_000;
const PREVIEW_AGAIN_MS = 500;
/** Previews of a register whose last contacts have just been imported count them within seconds. */
const PREVIEW_TRIES = 60;

/** Drafts, previews and releases a campaign at its time, stops or pauses it where that is planned; `log` hears of it once its release is answered. */
export async function driveCampaign(
  planned: PlannedCampaign,
  tenant: ChaosTenant,
  begun: number,
  troubles: CallTroubles,
  log: (log: CampaignLog) => void,
): Promise<void> {
  const { tenantId, agent } = tenant;
  const { campaigns } = agent;
  const deadline = { deadlineMs: CALL_DEADLINE_MS };
  const until = (moment: number): Promise<void> => wait(Math.max(0, moment - Date.now()));
  await until(begun + planned.at - PREPARED_BEFORE_MS);
  const expiresAt = Math.max(Date.now(), begun + planned.at) + planned.expiresAfter;
  const idempotencyKey = randomUUID();
  const content = contentOf(planned, expiresAt);
  const created = await persist(() => campaigns.createCampaign({ idempotencyKey, tenantId, content }, deadline), troubles);
  const campaignId = created.campaign?.campaignId ?? '';
  const { contentHash } = await previewWhole(tenant, campaignId, troubles);
  await until(begun + planned.at);
  const calledAt = Date.now();
  await persist(
    () => campaigns.releaseCampaign({ tenantId, campaignId, contentHash, breakGlassReason: '', acceptLate: true }, deadline),
    troubles,
  );
  const released: CampaignLog = { planned, tenantId, numbers: tenant.numbers, campaignId, expiresAt, calledAt, answeredAt: Date.now() };
  log(released);
  const { act } = planned;
  if (act.kind === 'none') return;
  await wait(act.after);
  if (act.kind === 'correct') return correct(released, act.type, tenant, troubles, log);
  try {
    if (act.kind === 'stop') {
      await persist(() => campaigns.stopCampaign({ tenantId, campaignId, reason: 'Fausse alerte.' }, deadline), troubles);
      released.stoppedAt = Date.now();
      return;
    }
    await persist(() => campaigns.pauseCampaign({ tenantId, campaignId }, deadline), troubles);
    await wait(act.lasts);
    await persist(() => campaigns.resumeCampaign({ tenantId, campaignId }, deadline), troubles);
  } catch (failure) {
    // It had ended before: nothing is left to stop or to hold.
    if (!(failure instanceof TocsinError) || failure.code !== 'FAILED_PRECONDITION') throw failure;
  }
}

/** Releases a correction, which stops its original. */
async function correct(
  original: CampaignLog,
  type: 'update' | 'cancel',
  { tenantId, agent, numbers }: ChaosTenant,
  troubles: CallTroubles,
  log: (log: CampaignLog) => void,
): Promise<void> {
  const deadline = { deadlineMs: CALL_DEADLINE_MS };
  const planned: PlannedCampaign = { ...original.planned, act: { kind: 'none' } };
  const idempotencyKey = randomUUID();
  const expiresAt = Date.now() + planned.expiresAfter;
  const content = correctionOf(planned, expiresAt, type, original.campaignId);
  const { campaigns } = agent;
  const created = await persist(() => campaigns.createCampaign({ idempotencyKey, tenantId, content }, deadline), troubles);
  const campaignId = created.campaign?.campaignId ?? '';
  const { contentHash } = await persist(() => campaigns.previewCampaign({ tenantId, campaignId }, deadline), troubles);
  const calledAt = Date.now();
  await persist(
    () => campaigns.releaseCampaign({ tenantId, campaignId, contentHash, breakGlassReason: '', acceptLate: true }, deadline),
    troubles,
  );
  const answeredAt = Date.now();
  original.stoppedAt = answeredAt;
  log({ planned, tenantId, numbers, campaignId, corrects: original.campaignId, expiresAt, calledAt, answeredAt });
}

async function previewWhole(
  { tenantId, agent, numbers, name }: ChaosTenant,
  campaignId: string,
  troubles: CallTroubles,
): Promise<{ readonly contentHash: string }> {
  for (let tried = 1; ; tried += 1) {
    const preview = await persist(
      () => agent.campaigns.previewCampaign({ tenantId, campaignId }, { deadlineMs: CALL_DEADLINE_MS }),
      troubles,
    );
    if (preview.recipients === numbers.count) return preview;
    if (tried === PREVIEW_TRIES) throw new Error(`A preview of ${name} counts ${preview.recipients} of ${numbers.count} contacts.`);
    await wait(PREVIEW_AGAIN_MS);
  }
}
