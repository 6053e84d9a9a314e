import { contactId } from '@tocsin/contracts';
import { SealedRecipient, type SealKey } from '@tocsin/contracts/common/v1/common';
import { AudienceServiceDefinition, type WalkAudienceResponse } from '@tocsin/contracts/subscribers/v1/audience';
import { serve, startGrpcServer, type GrpcDeps, type GrpcServer } from '@tocsin/grpc';
import type { Sealer } from '@tocsin/sealing';

/** Contacts of a page, as a register has them. */
export const PAGE_SIZE = 250;
const HASH_BYTES = 16;

interface Register {
  contacts: number;
  readonly sealKey: SealKey;
  readonly box: Buffer;
  firstHash: number;
}

/**
 * Registers of any size that cost nothing: plays the subscribers service towards the planner, behind its contract. Every contact of a tenant has the
 * same sealed box (as long as a real one) and an address hash of its own.
 */
export class Audience {
  private readonly registers = new Map<string, Register>();
  private server: GrpcServer | undefined;
  private hashes = 0;

  constructor(private readonly sealer: Sealer) {}

  /** Contacts of a tenant from now on. */
  set(tenantId: string, contacts: number): void {
    const known = this.registers.get(tenantId);
    if (known) {
      known.contacts = contacts;
      return;
    }
    const sealKey = this.sealer.createTenantKey();
    const recipient = SealedRecipient.encode({ address: '+33639980001', variables: { first_name: 'Camille', city: 'Rennes' } }).finish();
    this.registers.set(tenantId, { contacts, sealKey, box: this.sealer.seal(sealKey, recipient), firstHash: this.hashes });
    this.hashes += contacts;
  }

  /** The walk of this tenant ends with its next page: nobody needs the rest of it. */
  cut(tenantId: string): void {
    this.set(tenantId, 0);
  }

  /** Answers its port. */
  async start(deps: GrpcDeps): Promise<number> {
    const walkAudience = (tenantId: string, afterPosition: string): Generator<WalkAudienceResponse> => this.pages(tenantId, afterPosition);
    const service = serve(AudienceServiceDefinition, {
      async *walkAudience(request) {
        yield* walkAudience(request.tenantId, request.afterPosition);
      },
      estimateAudience: () => Promise.reject(new Error('not served here')),
    });
    this.server = await startGrpcServer({ host: '127.0.0.1', port: 0, authenticate: 'caller', services: [service] }, deps);
    return this.server.port;
  }

  async stop(deadlineMs: number): Promise<void> {
    await this.server?.drain(deadlineMs);
  }

  private *pages(tenantId: string, afterPosition: string): Generator<WalkAudienceResponse> {
    const register = this.registers.get(tenantId);
    if (!register) return;
    for (let page = afterPosition === '' ? 0 : Number(afterPosition) + 1; ; page++) {
      const last = (page + 1) * PAGE_SIZE >= register.contacts;
      yield pageOf(register, page, last);
      if (last) return;
    }
  }
}

function pageOf({ contacts, sealKey, box, firstHash }: Register, page: number, last: boolean): WalkAudienceResponse {
  const from = page * PAGE_SIZE;
  const count = Math.max(0, Math.min(PAGE_SIZE, contacts - from));
  return {
    position: String(page).padStart(8, '0'),
    contacts: Array.from({ length: count }, (_, slot) => {
      const addressHash = Buffer.alloc(HASH_BYTES);
      addressHash.writeUInt32BE(firstHash + from + slot, HASH_BYTES - 4);
      return {
        contactId: contactId(page, slot),
        addresses: [
          { channel: 'null', box, addressHash, lengths: [{ name: 'first_name', gsm7: 7, ucs2: 7 }], domainHash: Buffer.alloc(0) },
        ],
      };
    }),
    notReachable: [],
    sealKey,
    last,
  };
}
