import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Status } from '@tocsin/contracts/common/v1/common';
import { TenantKind } from '@tocsin/contracts/tenants/v1/tenant';
import type { GrpcDeps } from '@tocsin/grpc';
import { TocsinError } from '@tocsin/errors';
import { alertContent } from './alert-content.js';
import { openAgents } from './demo-agents.js';
import { importRegister } from './import-register.js';
import type { Partner } from './partner.js';
import type { PartnerState } from './partner-state.js';
import { approveCampaign, draftCampaign, releaseCampaign } from './prepare-campaign.js';
import { setUpTenants } from './set-up-tenants.js';
import { watchCampaign } from './watch-campaign.js';

/** A tenant of its own, so that the test touches nobody's register; no commune, so it has no code. */
const TEST_TENANT = { key: 'essai', insee: '', name: 'Poste d’essai', tenantKind: TenantKind.FIRE_AND_RESCUE };
/** A number the French regulator keeps for fiction (06 39 98 xx xx). */
const TEST_REGISTER = 'nom;prenom;telephone mobile\nEssai;Poste;+33 6 39 98 00 01\n';
/** From release to the provider's answer takes well under a second; a broker that has just started takes longer. */
const ACCEPTED_DEADLINE_MS = 30_000;

export interface TestSmsOptions {
  readonly address: string;
  readonly admin: Partner;
  readonly state: PartnerState;
  readonly deps: GrpcDeps;
  readonly demoDir: string;
  readonly runId: string;
  readonly channel: string;
}

/** Sends one message the whole way and waits until the provider has accepted it. */
export async function sendTestSms(options: TestSmsOptions): Promise<void> {
  await setUpTenants(options.admin, [TEST_TENANT], options.state);
  const known = options.state.tenant(TEST_TENANT.key);
  if (known === undefined) throw new Error('the test tenant has just been set up');
  const agents = openAgents(options.address, known, options.deps);
  try {
    if (known.importedHash === '') {
      const file = join(options.demoDir, 'essai.csv');
      writeFileSync(file, TEST_REGISTER);
      await importRegister(agents.author, known.tenantId, file, () => undefined);
      options.state.rememberTenant(TEST_TENANT.key, { ...known, importedHash: 'done' });
    }
    const content = alertContent({ title: 'Essai', now: Date.now(), status: Status.TEST, channels: [options.channel] });
    const draft = await draftCampaign(agents, `test-sms-${options.runId}`, content);
    await approveCampaign(agents, draft);
    await releaseCampaign(agents, draft);
    await accepted(agents.author, known.tenantId, draft.campaignId);
  } finally {
    agents.author.close();
    agents.approver.close();
  }
}

async function accepted(partner: Partner, tenantId: string, campaignId: string): Promise<void> {
  const late = new Promise<never>((_, reject) => {
    const sentence = `The test SMS was not accepted by the stand-in within ${ACCEPTED_DEADLINE_MS / 1_000} s: see the logs of routing and channel-sms.`;
    setTimeout(() => reject(new TocsinError('DEADLINE_EXCEEDED', 'TEST_SMS_LATE', sentence)), ACCEPTED_DEADLINE_MS).unref();
  });
  const taken = new Promise<void>((resolve, reject) => {
    watchCampaign(partner, tenantId, campaignId, ({ tally }) => {
      if (tally?.channels.some((channel) => channel.accepted > 0) === true) resolve();
    }).then(() => resolve(), reject);
  });
  await Promise.race([taken, late]);
}
