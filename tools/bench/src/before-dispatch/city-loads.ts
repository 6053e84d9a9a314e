import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { waitUntil } from '@tocsin/testing';
import { uploadRegister } from '../../../stack/dist/job/upload-register.js';
import { prepareCampaign, releaseCampaign, stopCampaign, type ReadyCampaign } from '../world/world-campaign.js';
import { registerCsv } from '../world/register-csv.js';
import type { WorldTenant } from '../world/world-tenant.js';

const CALL_DEADLINE_MS = 60_000;
const IMPORT_DEADLINE_MS = 600_000;
/** Previews of the city at once: as many as the gateway takes of one tenant. */
const PREVIEWS_AT_ONCE = 4;
/** From a release until the channel is full and the plan is past its head start, ms. */
const UNDER_WAY_MS = 3_000;
/** The plan of a stopped campaign of 150,000 is named to its end in about 12 s. */
const PLAN_DEADLINE_MS = 180_000;
/** How often the plan is looked at, ms. */
const LOOK_MS = 250;

/** What a city does while a commune is on its way; it goes on until `end`, which resolves when nothing of it is left running. */
export interface CityLoad {
  end(): Promise<void>;
}

/** Imports of the city's whole register, one after the other, each with other names, so that every contact is written again. */
export function importLoad(city: WorldTenant, contacts: number, firstNumber: number): CityLoad {
  const stop = new AbortController();
  const running = (async () => {
    while (!stop.signal.aborted) {
      const pieces = registerCsv(firstNumber, contacts, `Prenom ${randomUUID().slice(0, 8)}`);
      const calls = uploadRegister({ tenantId: city.tenantId, fileName: 'bench.csv', pieces });
      const answers = city.agent.registers.importRegister(calls, { deadlineMs: IMPORT_DEADLINE_MS, signal: stop.signal });
      for await (const answer of answers) void answer;
    }
  })();
  return endOf(stop, running);
}

/** Previews of the whole city, several at once and over and over. */
export function previewLoad(city: WorldTenant, draft: ReadyCampaign): CityLoad {
  const stop = new AbortController();
  const request = { tenantId: city.tenantId, campaignId: draft.campaignId };
  const previewer = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await city.agent.campaigns.previewCampaign(request, { deadlineMs: CALL_DEADLINE_MS, signal: stop.signal });
    }
  };
  return endOf(stop, Promise.all(Array.from({ length: PREVIEWS_AT_ONCE }, previewer)));
}

/**
 * Campaigns of the whole city released one after the other, each stopped after some seconds: a plan that runs beside its dispatch rests most of the time, one that
 * was stopped is named to its end as fast as the machine can. The next one is released when that is done.
 */
export function planLoad(city: WorldTenant): CityLoad {
  const stop = new AbortController();
  const running = (async () => {
    while (!stop.signal.aborted) {
      const ready = await prepareCampaign(city);
      await releaseCampaign(ready);
      await pause(UNDER_WAY_MS);
      await stopAndClose(ready);
    }
  })();
  return endOf(stop, running);
}

/** One campaign of the whole city whose messages leave at the provider's rate, and whose plan goes on beside; resolves when that is so. */
export async function drainLoad(city: WorldTenant): Promise<CityLoad> {
  const ready = await prepareCampaign(city);
  await releaseCampaign(ready);
  await pause(UNDER_WAY_MS);
  return { end: () => stopAndClose(ready) };
}

/** Nothing of it is left for the next phase to meet. */
async function stopAndClose(ready: ReadyCampaign): Promise<void> {
  await stopCampaign(ready);
  await waitUntil('the plan of the city to be closed', () => planClosed(ready), PLAN_DEADLINE_MS, LOOK_MS);
}

async function planClosed({ tenant, campaignId }: ReadyCampaign): Promise<boolean> {
  const request = { tenantId: tenant.tenantId, campaignId };
  const { campaign } = await tenant.agent.campaigns.getCampaign(request, { deadlineMs: CALL_DEADLINE_MS });
  return campaign?.tally?.planClosed === true;
}

/** What a load meets after it was told to end is its end; what it meets before is a broken run. */
function endOf(stop: AbortController, running: Promise<unknown>): CityLoad {
  let failure: unknown;
  const settled = running.then(
    () => undefined,
    (error: unknown) => {
      if (!stop.signal.aborted) failure = error;
    },
  );
  return {
    async end() {
      stop.abort();
      await settled;
      if (failure !== undefined) throw failure;
    },
  };
}
