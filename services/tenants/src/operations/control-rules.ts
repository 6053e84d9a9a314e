import { Lane } from '@tocsin/contracts/common/v1/common';
import { ControlKind, type ControlTarget, type SetControlRequest } from '@tocsin/contracts/tenants/v1/operations_service';
import { isId } from '@tocsin/contracts';
import { isLine, Violations } from '@tocsin/errors';

/** A reason that says something, and fits a line of the list. */
const REASON = { min: 10, max: 300 };
/** ms a control may be set for: who wants it for longer changes settings. */
const LONGEST_MS = 30 * 24 * 60 * 60 * 1000;
/** ms a life-safety lane may be held for: nobody may forget that. */
const LIFE_SAFETY_LONGEST_MS = 60 * 60 * 1000;
/** Cost units a second of a route: one a minute up to what no provider takes. */
const RATE = { min: 1 / 60, max: 100_000 };
const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const ROUTE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** Throws TocsinError INVALID_ARGUMENT naming every fault. */
export function checkControl({ target, ratePerSecond, reason, until }: SetControlRequest, now: number): ControlTarget {
  const violations = new Violations();
  checkReason(violations, reason);
  const checked = checkTarget(violations, target);
  if (checked?.kind === ControlKind.ROUTE_RATE) {
    violations.check('rate_per_second', ratePerSecond >= RATE.min && ratePerSecond <= RATE.max, 'must be from one a minute to 100,000');
  } else violations.check('rate_per_second', ratePerSecond === 0, 'is for the rate of a route alone');
  violations.check('until', until === 0 || (until > now && until <= now + LONGEST_MS), 'must be within the next 30 days, or 0');
  if (checked?.kind === ControlKind.PAUSE_LANE && checked.lane === Lane.LIFE_SAFETY) {
    const within = until > 0 && until <= now + LIFE_SAFETY_LONGEST_MS;
    violations.check('until', within, 'must be within the next hour for the life-safety lane');
  }
  violations.check('until', until === 0 || checked?.kind !== ControlKind.SUSPEND_TENANT, 'a suspension is lifted by a person');
  violations.raise();
  if (!checked) throw new RangeError('a target without a kind passed its checks');
  return checked;
}

/** Throws TocsinError INVALID_ARGUMENT naming every fault. */
export function checkLift(target: ControlTarget | undefined, reason: string): ControlTarget {
  const violations = new Violations();
  checkReason(violations, reason);
  const checked = checkTarget(violations, target);
  violations.raise();
  if (!checked) throw new RangeError('a target without a kind passed its checks');
  return checked;
}

function checkReason(violations: Violations, reason: string): void {
  const said = isLine(reason, REASON.max) && reason.trim().length >= REASON.min;
  violations.check('reason', said, `must say why in ${REASON.min} to ${REASON.max} characters on one line`);
}

/** The target with the fields of its kind alone, so that one thing has one key. */
function checkTarget(violations: Violations, target: ControlTarget | undefined): ControlTarget | undefined {
  const none = { channel: '', lane: Lane.UNSPECIFIED, routeId: '', tenantId: '', campaignId: '' };
  if (!target) {
    violations.check('target', false, 'is required');
    return undefined;
  }
  const { kind, channel, lane, routeId, tenantId, campaignId } = target;
  const channelNamed = (): void => violations.check('target.channel', NAME.test(channel), 'must name a channel such as sms');
  switch (kind) {
    case ControlKind.PAUSE_LANE:
      channelNamed();
      violations.check('target.lane', lane !== Lane.UNSPECIFIED && Lane[lane] !== undefined, 'must be a lane');
      return { ...none, kind, channel, lane };
    case ControlKind.PAUSE_ROUTE:
    case ControlKind.ROUTE_RATE:
      channelNamed();
      violations.check('target.route_id', ROUTE.test(routeId), 'must name a route of the channel');
      return { ...none, kind, channel, routeId };
    case ControlKind.PAUSE_CAMPAIGN:
      violations.check('target.campaign_id', isId('cmp', campaignId), 'must be the id of a campaign');
      return { ...none, kind, campaignId };
    case ControlKind.SUSPEND_TENANT:
      violations.check('target.tenant_id', isId('ten', tenantId), 'must be the id of a tenant');
      return { ...none, kind, tenantId };
    default:
      violations.check('target.kind', false, 'must be one of the kinds of control');
      return undefined;
  }
}
