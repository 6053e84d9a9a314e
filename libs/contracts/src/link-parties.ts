/** Services with a database of their own, called with the installation's prefix and this name; each has a user for it and no other. */
export const DATABASE_OWNERS: readonly string[] = ['tenants', 'subscribers', 'campaigns', 'routing', 'deliveries'];

/**
 * Who may call which service behind the gateway, by the name in its certificate; a method of its own row is not open to the others. What has no row is refused to
 * everybody, so that a new service is a decision.
 */
export const CALLERS: Readonly<Record<string, readonly string[]>> = {
  'tocsin.tenants.v1.TenantsService': ['gateway'],
  'tocsin.tenants.v1.TenantsService/GetTenant': ['gateway', 'campaigns', 'subscribers'],
  'tocsin.tenants.v1.OperationsService': ['gateway'],
  'tocsin.tenants.v1.DirectoryService/Authenticate': ['gateway'],
  'tocsin.tenants.v1.DirectoryService/AppendAudit': ['gateway', 'campaigns'],
  'tocsin.subscribers.v1.RegistersService': ['gateway'],
  'tocsin.subscribers.v1.SuppressionsService': ['gateway'],
  'tocsin.subscribers.v1.AudienceService/WalkAudience': ['routing'],
  'tocsin.subscribers.v1.AudienceService/EstimateAudience': ['campaigns'],
  'tocsin.campaigns.v1.CampaignsService': ['gateway'],
  'tocsin.deliveries.v1.ReportsService': ['gateway', 'routing'],
};

/** Services of gRPC itself, open to every holder of a certificate. */
const OPEN_TO_ALL = /^grpc\.(?:health|reflection)\./;

/** Whether this caller may call "<package>.<Service>/<Method>". */
export function mayCall(caller: string, fullMethod: string): boolean {
  if (OPEN_TO_ALL.test(fullMethod)) return true;
  const service = fullMethod.slice(0, fullMethod.indexOf('/'));
  return (CALLERS[fullMethod] ?? CALLERS[service] ?? []).includes(caller);
}
