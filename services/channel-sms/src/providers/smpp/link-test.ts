import type { LinkTest } from '@tocsin/channel-kit';
import { SmppSession, type SessionAnswer } from './session.js';
import { statusName } from './status-table.js';

export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly systemId: string;
  readonly password: string;
}

/** What an answer to bind_transmitter or enquire_link says about the link. */
export function linkTestOf(answer: SessionAnswer): LinkTest {
  if (answer.kind === 'unanswered') return { ok: false, code: answer.why };
  return { ok: answer.status === 0, code: statusName(answer.status) };
}

/** Connects, binds, asks and leaves. As a transmitter, so that no receipt comes to a connection that is about to close. */
export function testConnection({ systemId, password, ...options }: LinkOptions, deadlineMs: number): Promise<LinkTest> {
  return new Promise((resolve) => {
    const end = (result: LinkTest): void => {
      clearTimeout(late);
      resolve(result);
      session.destroy();
    };
    const late = setTimeout(() => end({ ok: false, code: 'NO_ANSWER' }), deadlineMs);
    const session: SmppSession = new SmppSession(options, {
      connected: () =>
        session.bindTransmitter(systemId, password, (bound) => {
          const { ok, code } = linkTestOf(bound);
          if (!ok) return end({ ok, code });
          session.ask(Infinity, (answer) => {
            const result = linkTestOf(answer);
            session.unbind(() => end(result));
          });
        }),
      heard: () => undefined,
      deliver: (_pdu, sequence) => session.delivered(sequence, REFUSED),
      unbound: () => undefined,
      closed: () => end({ ok: false, code: 'NO_CONNECTION' }),
    });
  });
}

/** ESME_RX_T_APPN: nothing may be delivered to a transmitter; whoever does it all the same tries another bind. */
const REFUSED = 0x64;
