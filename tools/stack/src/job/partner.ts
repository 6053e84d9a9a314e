import { CampaignsServiceDefinition } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { ReportsServiceDefinition } from '@tocsin/contracts/deliveries/v1/reports_service';
import { RegistersServiceDefinition } from '@tocsin/contracts/subscribers/v1/registers_service';
import { TenantsServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';
import { openGrpcChannel, type GrpcChannel, type GrpcDeps } from '@tocsin/grpc';

/** A call a person waits for; retried within it when the gateway restarts. */
export const CALL_DEADLINE_MS = 60_000;

/** Somebody with a key who uses the public API of the gateway and nothing else. */
export class Partner {
  readonly #channel: GrpcChannel;
  readonly tenants;
  readonly registers;
  readonly campaigns;
  readonly reports;

  /** `address`: host:port of the gateway, of several instances with commas between. */
  constructor(address: string, key: string, deps: GrpcDeps) {
    this.#channel = openGrpcChannel({ addresses: address.split(','), metadata: { authorization: `Bearer ${key}` } }, deps);
    this.tenants = this.#channel.client(TenantsServiceDefinition);
    this.registers = this.#channel.client(RegistersServiceDefinition);
    this.campaigns = this.#channel.client(CampaignsServiceDefinition);
    this.reports = this.#channel.client(ReportsServiceDefinition);
  }

  close(): void {
    this.#channel.close();
  }
}
