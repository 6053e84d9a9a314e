import type { Lane } from './gen/tocsin/common/v1/common.js';
import type { OperatorControl } from './gen/tocsin/tenants/v1/operations_service.js';
import { laneName } from './lanes.js';

/** What a campaign needs to tell so that it can be said whether operators hold it. */
export interface Controlled {
  readonly tenantId: string;
  readonly campaignId: string;
  readonly channel: string;
  /** Its own, wherever a limit lets it go on. */
  readonly lane: Lane;
}

/** What operators have in force, as read from operator.controls.v1: pure, times are Unix ms. */
export class ControlBook {
  private readonly inForce = new Map<string, OperatorControl>();
  private readonly versions = new Map<string, number>();

  /** One record of the topic; an older version than the one known changes nothing. true: something is otherwise now. */
  apply(control: OperatorControl, version: number): boolean {
    const { key } = control;
    if (version < (this.versions.get(key) ?? 0)) return false;
    this.versions.set(key, version);
    if (control.lifted) return this.inForce.delete(key);
    this.inForce.set(key, control);
    return true;
  }

  /** Until when it is held: -Infinity = it is not, Infinity = until somebody lifts it. */
  heldUntil({ tenantId, campaignId, channel, lane }: Controlled, now: number): number {
    if (this.inForce.size === 0) return -Infinity;
    return Math.max(
      this.until(`tenant:${tenantId}`, now),
      this.until(`campaign:${campaignId}`, now),
      this.until(`lane:${channel}:${laneName(lane)}`, now),
    );
  }

  /** Whether a campaign released then ran before the platform was restored from a backup: more of it may have left than anybody here knows. */
  mayHaveLeft(releasedAt: number): boolean {
    const restored = this.inForce.get('restored');
    return restored !== undefined && releasedAt <= restored.setAt;
  }

  routePaused(channel: string, routeId: string, now: number): boolean {
    return this.until(`route:${channel}:${routeId}`, now) > now;
  }

  /** Cost units a second of the whole route; undefined = as its settings say. */
  routeRate(channel: string, routeId: string, now: number): number | undefined {
    const key = `rate:${channel}:${routeId}`;
    return this.until(key, now) > now ? this.inForce.get(key)?.ratePerSecond : undefined;
  }

  private until(key: string, now: number): number {
    const control = this.inForce.get(key);
    if (!control) return -Infinity;
    if (control.until === 0) return Infinity;
    return control.until > now ? control.until : -Infinity;
  }
}
