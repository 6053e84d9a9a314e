import { setTimeout as wait } from 'node:timers/promises';
import type { LinkTest, RouteDriver, RouteTerms, Submission, SubmitAnswer } from '@tocsin/channel-kit';
import type { Logger } from '@tocsin/observability';
import type { Sealer } from '@tocsin/sealing';
import { SmtpBind } from './bind.js';
import type { DkimSigner } from './dkim.js';
import { composeMail, type MailSetting } from './request.js';
import type { RelaySetting } from './smtp-connection.js';

export interface SmtpRoute {
  readonly routeId: string;
  /** Who counts the message ids. */
  readonly provider: string;
  readonly terms?: RouteTerms;
  /** "key": the relay takes one Message-ID, which is the delivery's, only once. */
  readonly idempotency?: 'key' | 'none';
  /** Mails a second of the whole route. */
  readonly ratePerSecond: number;
  /** Connections a share: each carries one mail at a time, so rate x round trip / shares must fit. */
  readonly connectionsPerShare: number;
  readonly relay: RelaySetting;
  readonly mail: MailSetting;
  /** BCP 47 tag of the footer's words. */
  readonly language: string;
}

export interface SmtpParts {
  readonly channel: string;
  readonly sealer: Sealer;
  readonly dkim: DkimSigner | undefined;
  readonly logger: Logger;
  readonly now: () => number;
}

/** Pause after a failed connection, ms, doubled up to the longest. */
const FIRST_BACKOFF = 500;
const LONGEST_BACKOFF = 10_000;

/** One relay: a small pool of connections, opened when mails come and kept while shares are owned. */
export class SmtpDriver implements RouteDriver {
  readonly provider: string;
  readonly routeId: string;
  readonly terms: RouteTerms;
  readonly idempotency: 'key' | 'none';
  readonly ratePerSecond: number;
  readonly window: number;
  readonly #idle: SmtpBind[] = [];
  readonly #open = new Set<SmtpBind>();
  #opening = 0;
  #limit = 0;
  #reachable = false;
  #probing = false;
  #stop = new AbortController();
  /** Pause after the relay refused one connection more, ms; 0 = it did not. */
  #pause = 0;
  /** Monotonic ms before which no connection is opened beside those that stand. */
  #growFrom = 0;

  constructor(
    private readonly route: SmtpRoute,
    private readonly parts: SmtpParts,
  ) {
    this.routeId = route.routeId;
    this.provider = route.provider;
    this.terms = route.terms ?? {};
    this.idempotency = route.idempotency ?? 'none';
    this.ratePerSecond = route.ratePerSecond;
    this.window = route.connectionsPerShare;
  }

  async start(): Promise<void> {
    this.#stop = new AbortController();
  }

  async setShares(shares: readonly number[]): Promise<void> {
    this.#limit = shares.length * this.route.connectionsPerShare;
    // A connection that says goodbye counts as open until the relay has closed it.
    for (let spare = this.#open.size - this.#limit; spare > 0; spare -= 1) this.#idle.pop()?.quit();
    if (this.#limit > 0 && !this.#reachable) this.#probe();
  }

  bound(): boolean {
    return this.#limit > 0 && this.#reachable;
  }

  async submit(submission: Submission, deadlineMs: number): Promise<SubmitAnswer> {
    const claim = {
      tenantId: submission.tenantId,
      channel: this.parts.channel,
      addressHash: submission.addressHash,
      purpose: submission.purpose,
    };
    const mail = composeMail(submission, this.route.language, this.parts.sealer.unsubscribeToken(claim), this.parts.now(), this.route.mail);
    if (mail === undefined) return { kind: 'failed', reason: 'ADDRESS_REFUSED', code: 'not an SMTP mailbox' };
    const headers = this.parts.dkim === undefined ? mail.headers : [this.parts.dkim.sign(mail), ...mail.headers];
    const text = `${headers.join('\r\n')}\r\n\r\n${mail.body}`;
    const started = performance.now();
    const bind = await this.#borrow();
    if (bind === undefined) return { kind: 'not-submitted', code: 'no connection' };
    const left = deadlineMs - (performance.now() - started);
    if (left <= 0) {
      this.#giveBack(bind);
      return { kind: 'not-submitted', code: 'no time left' };
    }
    const answer = await bind.send({ from: mail.from, to: mail.to, envelopeId: mail.envelopeId, text }, left);
    this.#giveBack(bind);
    return answer;
  }

  /** By an idle connection, else by one of its own, which a relay that is full may refuse while others carry mails. */
  async testLink(deadlineMs: number): Promise<LinkTest> {
    const bind = this.#idle.pop();
    try {
      if (bind === undefined) return await SmtpBind.test(this.route.relay, deadlineMs);
      return (await bind.test(deadlineMs)) ? { ok: true, code: '' } : { ok: false, code: 'no answer to NOOP' };
    } catch (error) {
      return { ok: this.#open.size > 0, code: codeOf(error) };
    } finally {
      if (bind !== undefined) this.#giveBack(bind);
    }
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#limit = 0;
    this.#stop.abort();
    const until = performance.now() + deadlineMs;
    for (const bind of this.#idle.splice(0)) bind.quit();
    while (this.#open.size + this.#opening > 0 && performance.now() < until) await wait(20);
    for (const bind of this.#open) bind.close();
    this.#open.clear();
    this.#reachable = false;
  }

  async #borrow(): Promise<SmtpBind | undefined> {
    for (let bind = this.#idle.pop(); bind !== undefined; bind = this.#idle.pop()) if (bind.live()) return bind;
    if (this.#open.size + this.#opening >= this.#limit) return undefined;
    if (this.#open.size > 0 && performance.now() < this.#growFrom) return undefined;
    return this.#connect();
  }

  async #connect(): Promise<SmtpBind | undefined> {
    this.#opening += 1;
    try {
      const bind = await SmtpBind.open(this.route.relay, (ended) => this.#open.delete(ended));
      if (bind.live()) this.#open.add(bind);
      if (!this.#reachable) this.parts.logger.info('relay.reachable', { route: this.routeId });
      this.#reachable = true;
      this.#pause = 0;
      return bind;
    } catch (error) {
      if (this.#open.size > 0) {
        // A relay that takes no more connections is no relay that is gone: those that stand carry mails.
        this.#growLater(codeOf(error));
        return undefined;
      }
      if (this.#reachable) this.parts.logger.warn('relay.unreachable', { route: this.routeId, code: codeOf(error) });
      this.#reachable = false;
      this.#probe();
      return undefined;
    } finally {
      this.#opening -= 1;
    }
  }

  /** Several refused at once are one refusal. */
  #growLater(code: string): void {
    if (performance.now() < this.#growFrom) return;
    this.#pause = Math.min(LONGEST_BACKOFF, Math.max(FIRST_BACKOFF, this.#pause * 2));
    this.#growFrom = performance.now() + this.#pause;
    this.parts.logger.warn('relay.no-more-connections', { route: this.routeId, open: this.#open.size, code });
  }

  #giveBack(bind: SmtpBind): void {
    if (!bind.live()) {
      this.#open.delete(bind);
      return;
    }
    if (this.#open.size > this.#limit) bind.quit();
    else this.#idle.push(bind);
  }

  /** Tries until the relay answers: nothing else would find out while no mail can be submitted. */
  #probe(): void {
    if (this.#probing) return;
    this.#probing = true;
    void this.#probeUntilReached().finally(() => (this.#probing = false));
  }

  async #probeUntilReached(): Promise<void> {
    const signal = this.#stop.signal;
    for (let pause = FIRST_BACKOFF; this.#limit > 0 && !signal.aborted; pause = Math.min(pause * 2, LONGEST_BACKOFF)) {
      const bind = this.#open.size + this.#opening < this.#limit ? await this.#connect() : undefined;
      if (bind !== undefined) this.#giveBack(bind);
      if (this.#reachable) return;
      await wait(pause, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** The name of a connection error; its message would quote the relay's words. */
function codeOf(error: unknown): string {
  return (Object(error) as { code?: string }).code ?? 'unknown';
}
