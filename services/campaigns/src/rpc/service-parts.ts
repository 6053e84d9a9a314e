import type { Manifest } from '@tocsin/contracts/channels/v1/channels';
import type { AudienceServiceClient } from '@tocsin/contracts/subscribers/v1/audience';
import type { DirectoryServiceClient, TenantsServiceClient } from '@tocsin/contracts/tenants/v1/tenants_service';
import type { DeadlineOptions } from '@tocsin/grpc';
import type { IdLists } from '@tocsin/mongo';
import type { AggregateStore } from '@tocsin/mongo';
import type { Campaigns } from '../campaigns.js';
import type { CampaignRecord } from '../core/campaign-record.js';
import type { Forecasts } from '../forecast/forecasts.js';
import type { Changes } from '../watch/changes.js';

/** What the RPCs work with. */
export interface ServiceParts {
  readonly campaigns: Campaigns;
  readonly store: AggregateStore<CampaignRecord>;
  /** Ids of each tenant's campaigns. */
  readonly lists: IdLists;
  readonly changes: Changes;
  readonly tenants: TenantsServiceClient<DeadlineOptions>;
  readonly directory: DirectoryServiceClient<DeadlineOptions>;
  readonly audience: AudienceServiceClient<DeadlineOptions>;
  readonly forecasts: Forecasts;
  manifestOf(channel: string): Manifest | undefined;
  /** Acknowledged before the campaign is scheduled. */
  planStart(campaignId: string, at: number): Promise<void>;
  /** A process of the release before may take part in every send: what it does not know is refused. */
  readonly lastReleaseBeside: boolean;
  /** Unix ms. */
  now(): number;
}
