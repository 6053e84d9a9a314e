import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError } from '@tocsin/errors';
import { callerOf, endOnDrain, onBehalfOf } from '@tocsin/grpc';
import { requirePageSize, requireRole, tenantOf } from './admission.js';
import type { AuditTrail } from './audit-trail.js';
import type { CallContext } from './call-context.js';
import { withTenantInHeader } from './import-stream.js';
import type { AlertSteps } from './load/alert-steps.js';
import type { ArrivingCall, CallAdmission, Standing } from './load/call-admission.js';
import { textAt, type Fields } from './message-fields.js';
import { policyOf, type PolicyRow } from './policy.js';
import type { PublicMethod, PublicService } from './public-services.js';

/** Milliseconds between two looks at the key of a running stream: with the cache a revoked key ends it within 5 s of its next message. */
const RECHECK_MS = 2_000;

type Options = ReturnType<typeof onBehalfOf> & { readonly signal: AbortSignal };
type UnaryCall = (request: unknown, options: Options) => Promise<unknown>;
type StreamCall = (request: unknown, options: Options) => AsyncIterable<unknown>;
/** A client of the owning service, seen generically: nice-grpc makes one function a method. */
export type GenericClient = Readonly<Record<string, UnaryCall | StreamCall>>;

export interface ForwarderParts {
  readonly audit: AuditTrail;
  readonly calls: CallAdmission;
  readonly streams: CallAdmission;
  readonly alerts: AlertSteps;
  /** Throws for what must wait while copies of records are missing; all is taken on without it. */
  readonly admit?: (row: PolicyRow, standing: Standing) => void;
  /** Throws when the key of this call does not hold any more. */
  recheck(context: CallContext): Promise<Caller>;
  /** What a successful call means for what the gateway remembers. */
  onSuccess(rpc: string, request: unknown): void;
  /** Monotonic ms. */
  readonly now: () => number;
}

/** One call on its way: what the audit needs to know of it, filled as it becomes known. */
interface Passage {
  readonly rpc: string;
  readonly row: PolicyRow;
  readonly caller: Caller;
  tenantId: string;
  request: unknown;
  answer: unknown;
}

/** Implements a public service by passing every call to its owner, as the policy table says. */
export function forwardService(service: PublicService, client: GenericClient, parts: ForwarderParts): Record<string, unknown> {
  const methods = Object.entries(service.definition.methods).map(([name, method]) => [
    name,
    forwardMethod(service, name, method, client, parts),
  ]);
  return Object.fromEntries(methods) as Record<string, unknown>;
}

function forwardMethod(service: PublicService, name: string, method: PublicMethod, client: GenericClient, parts: ForwarderParts): unknown {
  const rpc = `${service.definition.fullName}/${method.name}`;
  const row = policyOf(rpc);
  const call = client[name];
  if (call === undefined) throw new TocsinError('INTERNAL', 'METHOD_MISSING', `The client of ${rpc} has no such method.`);
  if (method.requestStream && !method.responseStream)
    throw new TocsinError('INTERNAL', 'SHAPE_UNKNOWN', `No forwarding for the shape of ${rpc}.`);

  const unary = (request: Fields, context: CallContext): Promise<unknown> =>
    guarded(rpc, row, context, request, async (passage) => {
      const filled = fill(passage, request);
      passage.answer = await (call as UnaryCall)(filled, options(passage, context));
      parts.alerts.learn(passage.answer);
      if (row.audit === 'before-answer') await parts.audit.must(recorded(passage, 'OK'));
      parts.onSuccess(rpc, filled);
      return passage.answer;
    });

  async function* streamed(request: Fields | AsyncIterable<unknown>, context: CallContext): AsyncGenerator<unknown, void, undefined> {
    const passage = open(rpc, row, context, method.requestStream ? {} : request);
    parts.admit?.(row, parts.alerts.standing(row, passage.request));
    const release = parts.streams.take(arriving(passage, parts), parts.now());
    let outcome = 'CANCELLED';
    try {
      requireRole(row, passage.caller);
      if (!method.requestStream) endOnDrain(context);
      const outgoing = method.requestStream
        ? withTenantInHeader(request as AsyncIterable<unknown>, (named) => (passage.tenantId = tenantOf(row, passage.caller, named)))
        : fill(passage, request as Fields);
      let checked = parts.now();
      for await (const item of (call as StreamCall)(outgoing, options(passage, context))) {
        passage.answer = item;
        parts.alerts.learn(item);
        if (parts.now() - checked > RECHECK_MS) {
          await parts.recheck(context);
          checked = parts.now();
        }
        yield item;
      }
      outcome = 'OK';
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      if (row.audit !== 'never') await parts.audit.note(recorded(passage, outcome));
      release(parts.now(), outcome === 'OK');
    }
  }

  return method.responseStream ? streamed : unary;

  /** Place, role, audit around a unary call. Who finds no place has done nothing and leaves no entry: writing one would cost more than the call. */
  async function guarded(
    name: string,
    policy: PolicyRow,
    context: CallContext,
    request: Fields,
    run: (passage: Passage) => Promise<unknown>,
  ): Promise<unknown> {
    const passage = open(name, policy, context, request);
    parts.admit?.(policy, parts.alerts.standing(policy, request));
    const release = parts.calls.take(arriving(passage, parts), parts.now());
    let outcome = 'OK';
    try {
      requireRole(policy, passage.caller);
      return await run(passage);
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      // The entry is work of this call too, and the slowest part of many.
      if (policy.audit === 'after' || (policy.audit === 'before-answer' && outcome !== 'OK')) {
        await parts.audit.note(recorded(passage, outcome));
      }
      release(parts.now(), outcome === 'OK');
    }
  }
}

function arriving({ rpc, row, caller, request }: Passage, parts: ForwarderParts): ArrivingCall {
  const { tenantId, keyId } = caller;
  return { tenantId, keyId, rpc, cost: row.cost, atOnce: row.atOnce, standing: parts.alerts.standing(row, request) };
}

function open(rpc: string, row: PolicyRow, context: CallContext, request: unknown): Passage {
  const caller = callerOf(context);
  return { rpc, row, caller, tenantId: caller.tenantId, request, answer: undefined };
}

/** The request with its tenant said; throws NOT_FOUND for another's. */
function fill(passage: Passage, request: Fields): Fields {
  const { row, caller } = passage;
  requirePageSize(row, request);
  if (row.tenant !== 'request') return request;
  passage.tenantId = tenantOf(row, caller, textAt(request, 'tenantId'));
  return { ...request, tenantId: passage.tenantId };
}

function options(passage: Passage, context: CallContext): Options {
  return { ...onBehalfOf(passage.caller, passage.row.deadlineMs), signal: context.signal };
}

function recorded(passage: Passage, outcome: string): Parameters<AuditTrail['note']>[0] {
  const { rpc, row, caller, tenantId, request, answer } = passage;
  const subjectId = textAt(answer, row.subject) || textAt(request, row.subject);
  return { caller, tenantId, action: rpc, subjectId, outcome, detail: textAt(request, row.detail) };
}

function outcomeOf(error: unknown): string {
  if (error instanceof TocsinError) return error.code;
  return error instanceof Error && error.name === 'AbortError' ? 'CANCELLED' : 'INTERNAL';
}
