import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import { Status } from '@tocsin/contracts/common/v1/common';
import { TocsinError } from '@tocsin/errors';
import { createObservability } from '@tocsin/observability';
import { waitUntil } from '@tocsin/testing';
import { openAdmin } from '../../../stack/dist/job/admin-key.js';
import { alertContent } from '../../../stack/dist/job/alert-content.js';
import { openAgents } from '../../../stack/dist/job/demo-agents.js';
import { importRegister } from '../../../stack/dist/job/import-register.js';
import { PartnerState } from '../../../stack/dist/job/partner-state.js';
import {
  approveCampaign,
  draftCampaign,
  previewCampaign,
  releaseCampaign,
  type Agents,
  type PreparedCampaign,
} from '../../../stack/dist/job/prepare-campaign.js';
import type { ExpectedTenant } from '../../../stack/dist/job/read-manifest.js';
import { sendStops } from '../../../stack/dist/job/send-stops.js';
import { setUpTenants } from '../../../stack/dist/job/set-up-tenants.js';
import { watchCampaign } from '../../../stack/dist/job/watch-campaign.js';
import type { Supervisor } from '../../../stack/dist/stack/supervisor.js';

/** A STOP passes one topic and one document; 1,500 at once take some seconds. */
const STOPS_HOLD_DEADLINE_MS = 60_000;

/** The municipality the benchmark acts for, with its two agents, on the public API and nothing else. */
export class City {
  private constructor(
    private readonly supervisor: Supervisor,
    private readonly expected: ExpectedTenant,
    private readonly agents: Agents,
    /** Channels with a stand-in, in order of preference. */
    private readonly channels: readonly string[],
  ) {}

  /** Creates the tenant and its agents. */
  static async open(supervisor: Supervisor, expected: ExpectedTenant): Promise<City> {
    const folder = join(supervisor.paths.state, 'bench');
    mkdirSync(folder, { recursive: true });
    const address = `127.0.0.1:${supervisor.gatewayPort()}`;
    const deps = createObservability({ service: 'bench', instanceId: `bench-${process.pid}`, logLevel: 'error' });
    const state = new PartnerState(join(folder, 'partner.json'));
    const admin = await openAdmin(supervisor, address, state, folder, deps);
    await setUpTenants(admin, [expected], state);
    admin.close();
    const known = state.tenant(expected.key);
    if (known === undefined) throw new Error(`${expected.name} has just been set up`);
    const channels = supervisor.channels.filter(({ standIn }) => standIn !== undefined).map(({ channel }) => channel);
    return new City(supervisor, expected, openAgents(address, known, deps), channels.toReversed());
  }

  /** Resolves when every good row is a contact. */
  async importRegister(): Promise<void> {
    await importRegister(this.agents.author, this.agents.tenantId, this.expected.file, () => undefined);
  }

  async sendStops(): Promise<void> {
    await sendStops(this.supervisor.httpPort('stand-in-sms'), this.expected.stops);
  }

  /** Drafts, previews until exactly those who must be reached are counted, and has it approved. */
  async prepareCampaign(): Promise<PreparedCampaign> {
    const content = alertContent({ title: 'Mesure', now: Date.now(), status: Status.ACTUAL, channels: this.channels });
    let draft = await draftCampaign(this.agents, `bench-${randomUUID()}`, content);
    await waitUntil(
      `a preview of ${this.expected.recipients} recipients (it counts ${draft.preview.recipients})`,
      async () => {
        if (draft.preview.recipients === this.expected.recipients) return true;
        draft = await previewCampaign(this.agents.author, this.agents.tenantId, draft.campaignId);
        return false;
      },
      STOPS_HOLD_DEADLINE_MS,
    );
    await approveCampaign(this.agents, draft);
    return draft;
  }

  /** Releases and follows to the end; answers the moment of the release call, Unix ms. Throws when not every recipient is terminal. */
  async sendCampaign(draft: PreparedCampaign, seen: (handedOver: number) => void): Promise<number> {
    const releasedAt = await releaseCampaign(this.agents, draft);
    const ended = await watchCampaign(this.agents.author, this.agents.tenantId, draft.campaignId, ({ tally }) => {
      seen(tally?.channels.reduce((sum, channel) => sum + channel.handedOver, 0) ?? 0);
    });
    const terminal = ended.tally?.terminal ?? 0;
    if (ended.state !== CampaignState.FINISHED || terminal !== this.expected.recipients) {
      const sentence = `The campaign ended with ${terminal} of ${this.expected.recipients} recipients terminal: its figures mean nothing.`;
      throw new TocsinError('FAILED_PRECONDITION', 'RUN_INCOMPLETE', sentence);
    }
    return releasedAt;
  }

  close(): void {
    this.agents.author.close();
    this.agents.approver.close();
  }
}
