import type { ConnectionOptions } from 'node:tls';
import { LinkSource, readSecretFile } from '@tocsin/sealing';
import type { KafkaSecurity } from './connection.js';

/** What each new connection to a broker asks for. */
export interface ClientSecurity {
  /** Certificates as they are now. */
  readonly tls: () => ConnectionOptions;
  /** As kafkajs takes it; the password is read from its file at each use. */
  readonly sasl: { readonly mechanism: string; readonly username: string; readonly password: string } | null;
}

/** Throws TocsinError FAILED_PRECONDITION naming a file that cannot be read; later renewals that go wrong leave what was read before. */
export function clientSecurity(security: KafkaSecurity): ClientSecurity {
  const { ca, certificate, key, user, passwordFile, mechanism } = security;
  const source = new LinkSource({ ca, certificate, key });
  source.current();
  if (passwordFile !== undefined) readSecretFile(passwordFile);
  return {
    tls() {
      const pems = source.current();
      return { ca: pems.ca, cert: pems.certificate, key: pems.key, minVersion: 'TLSv1.2' };
    },
    sasl:
      user === undefined || passwordFile === undefined
        ? null
        : {
            mechanism,
            username: user,
            get password() {
              return readSecretFile(passwordFile);
            },
          },
  };
}
