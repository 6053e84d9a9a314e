import { DeadLetter } from './gen/tocsin/common/v1/dead_letter.js';
import { TenantChanged } from './gen/tocsin/tenants/v1/tenants_service.js';
import { AuditHead } from './gen/tocsin/tenants/v1/tenant.js';
import { OperatorControl } from './gen/tocsin/tenants/v1/operations_service.js';
import { RegisterImported, Suppression } from './gen/tocsin/subscribers/v1/registers_service.js';
import {
  CampaignFinished,
  CampaignPaused,
  CampaignReleased,
  CampaignResumed,
  CampaignStop,
  CampaignStopped,
} from './gen/tocsin/campaigns/v1/campaign_events.js';
import { ChannelBacklog } from './gen/tocsin/routing/v1/backlogs.js';
import { PlanControl, PlanEnd, PlanSlice } from './gen/tocsin/routing/v1/plans.js';
import { Fence, GrantBundle, GrantRecord } from './gen/tocsin/routing/v1/grants.js';
import { CampaignClosed, PlanClosed, PlannedSlice } from './gen/tocsin/deliveries/v1/planned.js';
import { AttemptBundle, AttemptRecord, ReceiptRecord, UnmatchedReceipt } from './gen/tocsin/deliveries/v1/attempts.js';
import { DueRecord } from './gen/tocsin/deliveries/v1/due.js';
import { TallyPart } from './gen/tocsin/deliveries/v1/tallies.js';
import { Capacity, Manifest, Reply } from './gen/tocsin/channels/v1/channels.js';

/** Every message that may be the payload of an envelope, by its full name. */
export const RECORD_TYPES = {
  'tocsin.common.v1.DeadLetter': DeadLetter,
  'tocsin.tenants.v1.TenantChanged': TenantChanged,
  'tocsin.tenants.v1.AuditHead': AuditHead,
  'tocsin.tenants.v1.OperatorControl': OperatorControl,
  'tocsin.subscribers.v1.RegisterImported': RegisterImported,
  'tocsin.subscribers.v1.Suppression': Suppression,
  'tocsin.campaigns.v1.CampaignReleased': CampaignReleased,
  'tocsin.campaigns.v1.CampaignPaused': CampaignPaused,
  'tocsin.campaigns.v1.CampaignResumed': CampaignResumed,
  'tocsin.campaigns.v1.CampaignStopped': CampaignStopped,
  'tocsin.campaigns.v1.CampaignFinished': CampaignFinished,
  'tocsin.campaigns.v1.CampaignStop': CampaignStop,
  'tocsin.routing.v1.PlanSlice': PlanSlice,
  'tocsin.routing.v1.PlanEnd': PlanEnd,
  'tocsin.routing.v1.PlanControl': PlanControl,
  'tocsin.routing.v1.GrantRecord': GrantRecord,
  'tocsin.routing.v1.GrantBundle': GrantBundle,
  'tocsin.routing.v1.Fence': Fence,
  'tocsin.routing.v1.ChannelBacklog': ChannelBacklog,
  'tocsin.deliveries.v1.PlannedSlice': PlannedSlice,
  'tocsin.deliveries.v1.PlanClosed': PlanClosed,
  'tocsin.deliveries.v1.CampaignClosed': CampaignClosed,
  'tocsin.deliveries.v1.AttemptRecord': AttemptRecord,
  'tocsin.deliveries.v1.AttemptBundle': AttemptBundle,
  'tocsin.deliveries.v1.ReceiptRecord': ReceiptRecord,
  'tocsin.deliveries.v1.UnmatchedReceipt': UnmatchedReceipt,
  'tocsin.deliveries.v1.DueRecord': DueRecord,
  'tocsin.deliveries.v1.TallyPart': TallyPart,
  'tocsin.channels.v1.Manifest': Manifest,
  'tocsin.channels.v1.Capacity': Capacity,
  'tocsin.channels.v1.Reply': Reply,
} as const;

export type RecordType = keyof typeof RECORD_TYPES;
export type RecordOf<T extends RecordType> = ReturnType<(typeof RECORD_TYPES)[T]['decode']>;
