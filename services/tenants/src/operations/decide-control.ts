import { controlKey, type OutgoingRecord, record, TOPICS } from '@tocsin/contracts';
import type { ControlTarget, OperatorControl } from '@tocsin/contracts/tenants/v1/operations_service';
import { TocsinError } from '@tocsin/errors';
import type { Decision } from '@tocsin/mongo';

/** Controls in force at once: more is no longer an exception but a setting, and all of them are one document (some 600 kB). */
export const MAX_CONTROLS = 1_000;

/** Everything in force; what has ended by itself is dropped by the next decision. */
export interface ControlsState {
  readonly controls: readonly OperatorControl[];
}

export interface Deciding {
  readonly target: ControlTarget;
  readonly reason: string;
  readonly principalId: string;
  /** Unix ms. */
  readonly now: number;
}

/** Puts a control in force, in the place of the one that stands. Throws TocsinError RESOURCE_EXHAUSTED when there are too many. */
export function setControl(
  state: ControlsState,
  version: number,
  { target, reason, principalId, now, ratePerSecond, until }: Deciding & { readonly ratePerSecond: number; readonly until: number },
): Decision<ControlsState> {
  const key = controlKey(target);
  const control = { key, target, ratePerSecond, reason, setBy: principalId, setAt: now, until, lifted: false };
  const others = inForce(state, now).filter((one) => one.key !== key);
  if (others.length >= MAX_CONTROLS) {
    const message = `${MAX_CONTROLS} controls are in force: lift those that are not needed first.`;
    throw new TocsinError('RESOURCE_EXHAUSTED', 'TOO_MANY_CONTROLS', message);
  }
  return { state: { controls: [...others, control] }, events: [controlRecord(control, version + 1, now)] };
}

/** Ends a control; told anew when it is not in force, for whoever did not hear it the first time. */
export function liftControl(
  state: ControlsState,
  version: number,
  { target, reason, principalId, now }: Deciding,
): Decision<ControlsState> & { readonly lifted: OperatorControl } {
  const key = controlKey(target);
  const lifted = { key, target, ratePerSecond: 0, reason, setBy: principalId, setAt: now, until: 0, lifted: true };
  const controls = inForce(state, now).filter((one) => one.key !== key);
  return { state: { controls }, events: [controlRecord(lifted, version + 1, now)], lifted };
}

/** Oldest first. */
export function inForce({ controls }: ControlsState, now: number): readonly OperatorControl[] {
  return controls.filter(({ until }) => until === 0 || until > now);
}

function controlRecord(control: OperatorControl, version: number, occurredAt: number): OutgoingRecord {
  const meta = { tenantId: '', occurredAt, epoch: version };
  return record(TOPICS.operatorControls.name, control.key, 'tocsin.tenants.v1.OperatorControl', control, meta);
}
