import { LinkSource, readSecretFile } from '@tocsin/sealing';

/** TLS to the document store, and who this client is. All files are read anew when one was replaced. */
export interface StoreSecurity {
  /** PEM file of the authorities that sign the store's certificate. */
  readonly ca: string;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
  /** Database that holds the user. */
  readonly authSource: string;
}

/** Where the document store is; undefined security only on loopback, or where the address says it all. */
export interface StoreAddress {
  readonly uri: string;
  readonly security?: StoreSecurity | undefined;
}

/** Options of one client of the driver, with the files as they are now. */
export interface StoreLogin {
  readonly tls?: boolean;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly auth?: { readonly username: string; readonly password: string };
  readonly authSource?: string;
  readonly authMechanism?: 'SCRAM-SHA-256';
}

/** Throws TocsinError FAILED_PRECONDITION naming a file that cannot be read. */
export function storeLogin({ ca, certificate, key, user, passwordFile, authSource }: StoreSecurity): StoreLogin {
  const pems = new LinkSource({ ca, certificate, key }).current();
  return {
    tls: true,
    ...(pems.ca && { ca: pems.ca }),
    ...(pems.certificate && { cert: pems.certificate }),
    ...(pems.key && { key: pems.key }),
    ...(user !== undefined &&
      passwordFile !== undefined && {
        auth: { username: user, password: readSecretFile(passwordFile) },
        authSource,
        authMechanism: 'SCRAM-SHA-256',
      }),
  };
}

/** Every file a client was made of. */
export function filesOf({ ca, certificate, key, passwordFile }: StoreSecurity): readonly string[] {
  return [ca, certificate, key, passwordFile].filter((path) => path !== undefined);
}
