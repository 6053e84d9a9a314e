import { join } from 'node:path';

/** Files of one identity; names as cert-manager gives them, so that a folder and a mounted secret look the same. */
export interface CredentialFiles {
  readonly folder: string;
  /** Authorities to trust. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  /** Key and certificate in one file, as brokers and MongoDB take it. */
  readonly pair: string;
  readonly kafkaPassword: string;
  readonly storePassword: string;
}

export function credentialFiles(dir: string, name: string): CredentialFiles {
  const folder = join(dir, name);
  return {
    folder,
    ca: join(folder, 'ca.crt'),
    certificate: join(folder, 'tls.crt'),
    key: join(folder, 'tls.key'),
    pair: join(folder, 'tls.pem'),
    kafkaPassword: join(folder, 'kafka.password'),
    storePassword: join(folder, 'mongo.password'),
  };
}

export interface AuthorityFiles {
  readonly certificate: string;
  readonly key: string;
}

/** The authority that issues, and the one that will. */
export function authorityFiles(dir: string, which: 'current' | 'next'): AuthorityFiles {
  return { certificate: join(dir, 'authority', `${which}.crt`), key: join(dir, 'authority', `${which}.key`) };
}

/** Users of the embedded document store. */
export function storeUsersFile(dir: string): string {
  return join(dir, 'store', 'users.json');
}

/** The variables with which a service uses its identity on every link. */
export function linkEnvironment(dir: string, name: string, hasDatabase: boolean): Record<string, string> {
  const files = credentialFiles(dir, name);
  return {
    TOCSIN_LINK_CERTIFICATE: files.certificate,
    TOCSIN_LINK_KEY: files.key,
    TOCSIN_LINK_CA: files.ca,
    TOCSIN_KAFKA_CA: files.ca,
    TOCSIN_KAFKA_USER: name,
    TOCSIN_KAFKA_PASSWORD_FILE: files.kafkaPassword,
    TOCSIN_MONGO_CA: files.ca,
    ...(hasDatabase ? { TOCSIN_MONGO_USER: name, TOCSIN_MONGO_PASSWORD_FILE: files.storePassword } : {}),
  };
}
