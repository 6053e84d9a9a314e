import { TocsinError } from '@tocsin/errors';

/** Whether a host stays on this machine; a name other than localhost may resolve to anything and does not count. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Throws TocsinError FAILED_PRECONDITION where calls would leave the machine unencrypted. */
export function requireTlsOffLoopback(host: string, tls: object | undefined, what: string): void {
  if (tls !== undefined || isLoopback(host)) return;
  throw new TocsinError(
    'FAILED_PRECONDITION',
    'TLS_REQUIRED',
    `${what} ${host} without TLS is refused: configure a certificate and its key, or stay on 127.0.0.1.`,
  );
}
