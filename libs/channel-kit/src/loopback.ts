import { TocsinError } from '@tocsin/errors';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;

/** Whether a host can only be this machine. Names other than "localhost" are not resolved: what they mean can change. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Outside production mode a provider client refuses any peer off loopback, so that no test can ever reach a person. */
export function assertLoopback(host: string): void {
  if (isLoopback(host)) return;
  throw new TocsinError(
    'FAILED_PRECONDITION',
    'PEER_NOT_LOOPBACK',
    `Outside production mode a provider must be on loopback (127.0.0.1, ::1 or localhost), and "${host}" is not.`,
  );
}
