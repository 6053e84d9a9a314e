import { AudienceServiceDefinition } from '@tocsin/contracts/subscribers/v1/audience';
import { RegistersServiceDefinition, SuppressionsServiceDefinition } from '@tocsin/contracts/subscribers/v1/registers_service';
import { notFound } from '@tocsin/errors';
import { callerOf, serve, type ServedService } from '@tocsin/grpc';
import { estimateAudience } from './audience/estimate-audience.js';
import { walkAudience } from './audience/walk-audience.js';
import type { EraseIntent } from './contacts/erase-contact.js';
import { getContact } from './contacts/get-contact.js';
import { importRegister, type ImportServiceParts } from './importing/import-register.js';
import { getImport, listVerdicts } from './importing/list-verdicts.js';
import type { Intents } from './intents.js';
import type { Pages } from './register/pages.js';
import { pagesOf, registerScope } from './register/scope.js';
import type { Suppressions } from './suppressions/suppressions.js';
import { LANES } from './turns/lanes.js';
import { unsubscribe, type UnsubscribeIntent } from './suppressions/unsubscribe.js';

export interface ServiceParts extends ImportServiceParts {
  /** Pages as people reach them, and as the planner does. */
  readonly pages: Pages;
  readonly plannedPages: Pages;
  readonly suppressions: Suppressions;
  readonly unsubscribes: Intents<UnsubscribeIntent>;
  readonly erasures: Intents<EraseIntent>;
}

/** The three gRPC services over the parts of this process. */
export function services(parts: ServiceParts): readonly ServedService[] {
  return [
    serve(RegistersServiceDefinition, {
      importRegister: (requests, context) => importRegister(requests, callerOf(context), parts, context.signal),
      getImport: async ({ tenantId, importId }) => ({ import: (await getImport(parts.imports, tenantId, importId)).import }),
      listVerdicts: (request) => listVerdicts(request, parts.imports, parts.verdicts),
      getContact: async (request, context) => ({ contact: await getContact(request, parts, callerOf(context).principalId) }),
      async getRegister({ tenantId, register }) {
        const scope = registerScope(tenantId, register);
        const head = await parts.heads.get(scope);
        if (!head) throw notFound('Register');
        const { contacts, groups } = await parts.summaries.total(scope, head.places);
        return { register: { tenantId, register, contacts, pages: pagesOf(head.places), groups } };
      },
      async eraseContact({ tenantId, register, contactId }, context) {
        const scope = registerScope(tenantId, register);
        await parts.erasures.carryOut(`${scope}:${contactId}`, { scope, contactId });
        parts.logger.info('audit.contact-erased', { tenantId, principalId: callerOf(context).principalId, contactId });
        return {};
      },
    }),
    serve(AudienceServiceDefinition, {
      walkAudience: (request, { signal }) => walkAudience(request, { ...parts, pages: parts.plannedPages, lane: LANES.dispatch, signal }),
      estimateAudience: (request, context) =>
        estimateAudience(request, { ...parts, lane: LANES.person, signal: context.signal }, callerOf(context).principalId),
    }),
    serve(SuppressionsServiceDefinition, {
      async unsubscribe({ token }) {
        await unsubscribe(token, parts.sealer, parts.unsubscribes, parts.now());
        return {};
      },
    }),
  ];
}
