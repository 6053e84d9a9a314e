import { readFileSync } from 'node:fs';
import { ServerCredentials } from '@grpc/grpc-js';
import { TocsinError } from '@tocsin/errors';

/** PEM files of a server; `ca` makes a client's certificate, signed by it, required. */
export interface ServerTls {
  readonly certificate: string;
  readonly key: string;
  readonly ca?: string;
}

export function serverCredentials(tls: ServerTls | undefined): ServerCredentials {
  if (!tls) return ServerCredentials.createInsecure();
  const pair = { cert_chain: readPem(tls.certificate), private_key: readPem(tls.key) };
  return ServerCredentials.createSsl(tls.ca === undefined ? null : readPem(tls.ca), [pair], tls.ca !== undefined);
}

/** Throws TocsinError FAILED_PRECONDITION naming the file. */
export function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new TocsinError('FAILED_PRECONDITION', 'TLS_FILE_UNREADABLE', `The TLS file ${path} cannot be read.`, { cause: error });
  }
}
