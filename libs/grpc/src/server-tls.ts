import { ServerCredentials, experimental, type ServerInterceptor } from '@grpc/grpc-js';
import { LinkCertificates } from './link-certificates.js';

/** PEM files of a server, read anew when they are replaced; `ca` makes a client's certificate, signed by it, required. */
export interface ServerTls {
  readonly certificate: string;
  readonly key: string;
  readonly ca?: string;
}

/** Throws TocsinError FAILED_PRECONDITION naming a file that cannot be read. */
export function serverCredentials(tls: ServerTls | undefined, interceptors: readonly ServerInterceptor[]): ServerCredentials {
  if (!tls) return ServerCredentials.createInsecure();
  const certificates = new LinkCertificates(tls);
  const mutual = tls.ca !== undefined;
  const secure = experimental.createCertificateProviderServerCredentials(certificates, mutual ? certificates : null, mutual);
  return experimental.createServerCredentialsWithInterceptors(secure, [...interceptors]);
}
