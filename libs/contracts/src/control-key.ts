import { ControlKind, type ControlTarget } from './gen/tocsin/tenants/v1/operations_service.js';
import { laneName } from './lanes.js';

/** The name of what an operator controls, the same everywhere; throws RangeError for a target without a kind or a lane. */
export function controlKey({ kind, channel, lane, routeId, tenantId, campaignId }: ControlTarget): string {
  switch (kind) {
    case ControlKind.PAUSE_LANE:
      return `lane:${channel}:${laneName(lane)}`;
    case ControlKind.PAUSE_ROUTE:
      return `route:${channel}:${routeId}`;
    case ControlKind.ROUTE_RATE:
      return `rate:${channel}:${routeId}`;
    case ControlKind.PAUSE_CAMPAIGN:
      return `campaign:${campaignId}`;
    case ControlKind.SUSPEND_TENANT:
      return `tenant:${tenantId}`;
    case ControlKind.RESTORED:
      return 'restored';
    default:
      throw new RangeError(`no such control: ${kind}`);
  }
}
