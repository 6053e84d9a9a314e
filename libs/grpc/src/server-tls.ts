import { readFileSync } from 'node:fs';
import { ServerCredentials } from '@grpc/grpc-js';
import { TocsinError } from '@tocsin/errors';

/** PEM files of a server; `clientCa` makes a client's certificate required. */
export interface ServerTls {
  readonly certificate: string;
  readonly key: string;
  readonly clientCa?: string;
}

/** TLS from three optional settings; undefined when none is set, TocsinError FAILED_PRECONDITION when they are not whole. */
export function serverTls(files: {
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly clientCa: string | undefined;
}): ServerTls | undefined {
  const { certificate, key, clientCa } = files;
  if (certificate !== undefined && key !== undefined) return { certificate, key, ...(clientCa === undefined ? {} : { clientCa }) };
  if (certificate === undefined && key === undefined && clientCa === undefined) return undefined;
  throw new TocsinError('FAILED_PRECONDITION', 'TLS_INCOMPLETE', 'TLS needs both a certificate and its key: set both or neither.');
}

export function serverCredentials(tls: ServerTls | undefined): ServerCredentials {
  if (!tls) return ServerCredentials.createInsecure();
  const pair = { cert_chain: readPem(tls.certificate), private_key: readPem(tls.key) };
  return ServerCredentials.createSsl(tls.clientCa === undefined ? null : readPem(tls.clientCa), [pair], tls.clientCa !== undefined);
}

/** Throws TocsinError FAILED_PRECONDITION naming the file. */
export function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new TocsinError('FAILED_PRECONDITION', 'TLS_FILE_UNREADABLE', `The TLS file ${path} cannot be read.`, { cause: error });
  }
}
