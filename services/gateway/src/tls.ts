import { TocsinError } from '@tocsin/errors';
import type { startGrpcServer } from '@tocsin/grpc';

type ServerOptions = Parameters<typeof startGrpcServer>[0];

/** Certificate and key belong together; off loopback libs/grpc refuses to serve without them. */
export function tlsOf(config: { readonly tlsCert: string | undefined; readonly tlsKey: string | undefined }): Pick<ServerOptions, 'tls'> {
  const { tlsCert, tlsKey } = config;
  if (tlsCert === undefined && tlsKey === undefined) return {};
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new TocsinError(
      'FAILED_PRECONDITION',
      'TLS_INCOMPLETE',
      'TOCSIN_GATEWAY_TLS_CERT and TOCSIN_GATEWAY_TLS_KEY are set together or not at all.',
    );
  }
  return { tls: { certificate: tlsCert, key: tlsKey } };
}
