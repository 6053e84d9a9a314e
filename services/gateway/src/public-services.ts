import { CampaignsServiceDefinition } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { ReportsServiceDefinition } from '@tocsin/contracts/deliveries/v1/reports_service';
import { RegistersServiceDefinition } from '@tocsin/contracts/subscribers/v1/registers_service';
import { OperationsServiceDefinition } from '@tocsin/contracts/tenants/v1/operations_service';
import { TenantsServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';

/** Services the gateway calls, as named in TOCSIN_ADDRESSES_<SERVICE>. */
export type Downstream = 'tenants' | 'subscribers' | 'campaigns' | 'deliveries';

/** What the forwarder needs to know of a method's shape. */
export interface PublicMethod {
  readonly name: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

export interface PublicService {
  readonly definition: { readonly fullName: string; readonly methods: Readonly<Record<string, PublicMethod>> };
  readonly downstream: Downstream;
}

/** Every service marked "Public" in the protos and who owns it. */
export const PUBLIC_SERVICES = [
  { definition: TenantsServiceDefinition, downstream: 'tenants' },
  { definition: OperationsServiceDefinition, downstream: 'tenants' },
  { definition: RegistersServiceDefinition, downstream: 'subscribers' },
  { definition: CampaignsServiceDefinition, downstream: 'campaigns' },
  { definition: ReportsServiceDefinition, downstream: 'deliveries' },
] as const satisfies readonly PublicService[];

/** Full names of every public RPC, "<package>.<Service>/<Method>". */
export function publicRpcs(): string[] {
  return PUBLIC_SERVICES.flatMap(({ definition }) =>
    Object.values(definition.methods).map((method) => `${definition.fullName}/${method.name}`),
  );
}
