import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { ChannelCredentials, experimental } from '@grpc/grpc-js';
import { LinkSource } from '@tocsin/sealing';
import { commonName } from './known-callers.js';
import { LinkCertificates } from './link-certificates.js';

/** PEM files of a client, read anew for new connections when they are replaced; `certificate` and `key` are its own where the server asks for one. */
export interface ClientTls {
  /** Authorities of the server; those of the system when missing. */
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * With the name of a service, the server must be that service by its certificate, whatever address it has: another one of ours cannot stand in for it. Without,
 * the certificate must be of the address called.
 */
export function clientCredentials(tls: ClientTls | undefined, service: string | undefined): ChannelCredentials {
  if (!tls) return ChannelCredentials.createInsecure();
  const verify = {
    checkServerIdentity: (host: string, certificate: PeerCertificate): Error | undefined => {
      if (service === undefined) return checkServerIdentity(host, certificate);
      const name = commonName(certificate.subject.CN);
      return name === service ? undefined : new Error(`the server is "${name}", not "${service}"`);
    },
  };
  if (tls.ca === undefined) {
    const { certificate, key } = new LinkSource(tls).current();
    return ChannelCredentials.createSsl(null, key ?? null, certificate ?? null, verify);
  }
  const certificates = new LinkCertificates(tls);
  const own = tls.certificate !== undefined && tls.key !== undefined ? certificates : null;
  return experimental.createCertificateProviderChannelCredentials(certificates, own, verify);
}
