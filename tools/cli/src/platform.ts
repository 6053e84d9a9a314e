import { CampaignsServiceDefinition } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { ReportsServiceDefinition } from '@tocsin/contracts/deliveries/v1/reports_service';
import { RegistersServiceDefinition } from '@tocsin/contracts/subscribers/v1/registers_service';
import { OperationsServiceDefinition } from '@tocsin/contracts/tenants/v1/operations_service';
import { TenantsServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';
import { openGrpcChannel } from '@tocsin/grpc';
import { createObservability } from '@tocsin/observability';

export interface PlatformAddress {
  /** host:port of the gateway. */
  readonly address: string;
  readonly key: string;
  /** PEM file of the authority that signed the gateway's certificate. */
  readonly ca: string | undefined;
  readonly tls: boolean;
}

/** A call a person waits for, ms; retried within it while the platform restarts. */
export const CALL = { deadlineMs: 10_000 };
/** Counting a city's audience, ms. */
export const LONG_CALL = { deadlineMs: 60_000 };

/** The public API, and nothing else of the platform. */
export type Platform = ReturnType<typeof openPlatform>;

export function openPlatform({ address, key, ca, tls }: PlatformAddress) {
  // A command is not a service: it says what it does on the terminal and logs nothing.
  const { metrics, tracing } = createObservability({ service: 'cli', instanceId: `cli-${process.pid}`, logLevel: 'error' });
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => silent };
  const channel = openGrpcChannel(
    {
      addresses: [address],
      metadata: { authorization: `Bearer ${key}` },
      ...(tls || ca !== undefined ? { tls: ca === undefined ? {} : { ca } } : {}),
    },
    { logger: silent, metrics, tracing },
  );
  return {
    tenants: channel.client(TenantsServiceDefinition),
    operations: channel.client(OperationsServiceDefinition),
    registers: channel.client(RegistersServiceDefinition),
    campaigns: channel.client(CampaignsServiceDefinition),
    reports: channel.client(ReportsServiceDefinition),
    close: () => channel.close(),
  };
}
