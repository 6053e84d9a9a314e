import type { Chooser } from './chooser.js';
import type { PlannedFault } from './plan-faults.js';

export type LaneName = 'life-safety' | 'urgent' | 'standard' | 'bulk';

export interface PlannedTenant {
  readonly name: string;
  readonly contacts: number;
}

export type PlannedAct =
  | { readonly kind: 'none' }
  | { readonly kind: 'stop'; readonly after: number }
  /** Another campaign corrects it. */
  | { readonly kind: 'correct'; readonly after: number; readonly type: 'update' | 'cancel' }
  | { readonly kind: 'pause'; readonly after: number; readonly lasts: number };

export interface PlannedCampaign {
  readonly index: number;
  /** ms after the first release. */
  readonly at: number;
  /** Index of its tenant. */
  readonly tenant: number;
  readonly lane: LaneName;
  /** Channels in order of preference; 'order' asks the next one only when the first does not reach somebody. */
  readonly channels: readonly string[];
  readonly mode: 'parallel' | 'order';
  /** ms from release to expiry. */
  readonly expiresAfter: number;
  readonly act: PlannedAct;
  /** The fault during which it is released, for those of life safety. */
  readonly duringFault?: number;
}

export interface CampaignLoad {
  readonly runMs: number;
  /** Messages of the SMS provider a second. */
  readonly smsRate: number;
  /** Contacts of one city; there are two, alerted in turns so that there is always something to send. */
  readonly cityContacts: number;
}

/** Part of what the provider could take in the run that is offered to it: what faults cost is left to send afterwards. */
const OFFERED = 0.85;
const CITIES = 2;
const TOWNS = 4;
const COMMUNES = 24;
/** A commune alerts its people about so often, ms. */
const COMMUNE_EVERY_MS = 12_000;
const TOWN_EVERY_MS = 45_000;
const HOUR_MS = 3_600_000;
/** Contacts of a town, as a part of a city's. */
const TOWN_PART = 20;

export function planTenants(choose: Chooser, { cityContacts }: CampaignLoad): readonly PlannedTenant[] {
  return [
    ...Array.from({ length: CITIES }, (_, at) => ({ name: `Ville ${at + 1}`, contacts: cityContacts })),
    ...Array.from({ length: TOWNS }, (_, at) => ({
      name: `Bourg ${at + 1}`,
      contacts: Math.max(40, Math.round(cityContacts / TOWN_PART)),
    })),
    ...Array.from({ length: COMMUNES }, (_, at) => ({ name: `Commune ${at + 1}`, contacts: choose.whole(10, 120) })),
  ];
}

/** Cities one after the other, towns that stop, pause, expire or go channel by channel, communes all along, and life safety in every fault. */
export function planCampaigns(choose: Chooser, load: CampaignLoad, faults: readonly PlannedFault[]): readonly PlannedCampaign[] {
  const planned: Omit<PlannedCampaign, 'index'>[] = [];
  const { runMs, smsRate, cityContacts } = load;
  const cityEvery = (cityContacts / (smsRate * OFFERED)) * 1_000;
  for (let at = 0, turn = 0; at < runMs - cityEvery / 2 || turn === 0; at += cityEvery, turn += 1) {
    planned.push({ ...plain(at, turn % CITIES), lane: choose.of(['standard', 'standard', 'bulk']) });
  }
  for (let at = 5_000; at < runMs; at += choose.between(0.5, 1.5) * TOWN_EVERY_MS) {
    planned.push(townCampaign(choose, at, CITIES + choose.whole(0, TOWNS - 1)));
  }
  const commune = (): number => CITIES + TOWNS + choose.whole(0, COMMUNES - 1);
  for (let at = 3_000; at < runMs; at += choose.between(0.5, 1.5) * COMMUNE_EVERY_MS) {
    planned.push({ ...plain(at, commune()), lane: choose.of(['urgent', 'standard', 'standard']) });
  }
  for (const { at, lasts, index } of faults) {
    planned.push({ ...plain(at + Math.min(3_000, lasts / 2), commune()), lane: 'life-safety', channels: ['sms'], duringFault: index });
  }
  return planned
    .map((campaign) => ({ ...campaign, at: Math.round(campaign.at) }))
    .toSorted((a, b) => a.at - b.at)
    .map((campaign, index) => ({ ...campaign, index }));
}

function plain(at: number, tenant: number): Omit<PlannedCampaign, 'index'> {
  return { at, tenant, lane: 'standard', channels: ['sms', 'email'], mode: 'parallel', expiresAfter: 2 * HOUR_MS, act: { kind: 'none' } };
}

function townCampaign(choose: Chooser, at: number, tenant: number): Omit<PlannedCampaign, 'index'> {
  const campaign = plain(at, tenant);
  switch (choose.of(['stop', 'pause', 'expire', 'order', 'correct', 'correct', 'plain'])) {
    case 'stop':
      return {
        ...campaign,
        lane: choose.of(['standard', 'urgent']),
        act: { kind: 'stop', after: Math.round(choose.between(1_000, 15_000)) },
      };
    case 'pause':
      return {
        ...campaign,
        act: { kind: 'pause', after: Math.round(choose.between(1_000, 8_000)), lasts: Math.round(choose.between(3_000, 20_000)) },
      };
    case 'correct':
      return {
        ...campaign,
        lane: choose.of(['standard', 'urgent']),
        act: { kind: 'correct', after: Math.round(choose.between(2_000, 12_000)), type: choose.of(['update', 'cancel']) },
      };
    case 'expire':
      return { ...campaign, lane: choose.of(['standard', 'bulk']), expiresAfter: Math.round(choose.between(65_000, 90_000)) };
    case 'order':
      return { ...campaign, mode: 'order', channels: choose.shuffled(['sms', 'email']) };
    default:
      return campaign;
  }
}
