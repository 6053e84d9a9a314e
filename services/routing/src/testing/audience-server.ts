import { AudienceServiceDefinition, type AudienceContact, type WalkAudienceResponse } from '@tocsin/contracts/subscribers/v1/audience';
import { contactId } from '@tocsin/contracts';
import { serve, startGrpcServer, type GrpcDeps, type GrpcServer } from '@tocsin/grpc';

/** A register of one tenant, by contact: the channels its contacts can be reached on. */
export interface TestRegister {
  readonly pageSize: number;
  /** Channels of contact i; an empty list = not reachable. */
  readonly contacts: readonly (readonly string[])[];
}

/** Stands in for the subscribers service in tests of the planner: registers in memory behind the real contract. */
export async function startAudienceServer(registers: ReadonlyMap<string, TestRegister>, deps: GrpcDeps): Promise<GrpcServer> {
  return startGrpcServer(
    {
      host: '127.0.0.1',
      port: 0,
      authenticate: 'caller',
      services: [
        serve(AudienceServiceDefinition, {
          async *walkAudience(request) {
            const register = registers.get(request.tenantId);
            if (!register) return;
            const pages = Math.max(1, Math.ceil(register.contacts.length / register.pageSize));
            const after = request.afterPosition === '' ? -1 : Number(request.afterPosition);
            for (let page = after + 1; page < pages; page++) yield pageOf(register, page, page === pages - 1);
          },
          estimateAudience: () => Promise.reject(new Error('not served here')),
        }),
      ],
    },
    deps,
  );
}

function pageOf(register: TestRegister, page: number, last: boolean): WalkAudienceResponse {
  const rows = register.contacts.slice(page * register.pageSize, (page + 1) * register.pageSize);
  const contacts: AudienceContact[] = [];
  let unreachable = 0;
  rows.forEach((channels, slot) => {
    const id = contactId(page, slot);
    if (channels.length === 0) unreachable++;
    else contacts.push({ contactId: id, addresses: channels.map((channel) => addressOf(id, channel)) });
  });
  const notReachable = unreachable > 0 ? [{ reason: 'NO_ADDRESS', count: unreachable }] : [];
  return {
    position: String(page).padStart(6, '0'),
    contacts,
    notReachable,
    sealKey: { keyId: 'k', wrapped: Buffer.from('wrapped') },
    last,
  };
}

function addressOf(id: string, channel: string): AudienceContact['addresses'][number] {
  const box = Buffer.from(`${channel}:${id}`);
  return { channel, box, addressHash: box, lengths: [{ name: 'first_name', gsm7: 6, ucs2: 6 }], domainHash: Buffer.alloc(0) };
}
