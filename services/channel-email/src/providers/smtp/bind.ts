import type { LinkTest, SubmitAnswer } from '@tocsin/channel-kit';
import { judgeAnswer, type SmtpStage } from './answers.js';
import type { Reply } from './replies.js';
import { ConnectionError, SmtpConnection, type RelaySetting } from './smtp-connection.js';

export interface WireMail {
  readonly from: string;
  readonly to: string;
  /** Names the delivery in bounces (ENVID). */
  readonly envelopeId: string;
  /** ASCII with CRLF, ends in CRLF. */
  readonly text: string;
}

const STAGES = ['MAIL', 'RCPT', 'DATA'] as const satisfies readonly SmtpStage[];

/** One SMTP connection: one mail at a time. Where the relay allows it (RFC 2920) the envelope leaves in one piece, and the content in another. */
export class SmtpBind {
  /** The content of the present mail is on its way: nobody knows whether it was taken until the relay says so. */
  #contentWritten = false;

  private constructor(
    private readonly connection: SmtpConnection,
    onEnd: (ended: SmtpBind) => void,
  ) {
    connection.onEnd = () => onEnd(this);
  }

  /** Connects, greets, secures, logs in; rejects with what went wrong. */
  static async open(setting: RelaySetting, onEnd: (ended: SmtpBind) => void): Promise<SmtpBind> {
    return new SmtpBind(await SmtpConnection.open(setting), onEnd);
  }

  /** Connects, greets, logs in, asks and leaves; rejects where there is no way in. */
  static async test(setting: RelaySetting, deadlineMs: number): Promise<LinkTest> {
    const bind = await SmtpBind.open(setting, () => undefined);
    const answers = await bind.test(deadlineMs);
    bind.quit();
    return { ok: answers, code: answers ? '' : 'no answer to NOOP' };
  }

  /** Whether the relay answers a NOOP; a connection on which it does not is closed. */
  async test(deadlineMs: number): Promise<boolean> {
    const late = setTimeout(() => this.close(), deadlineMs);
    const reply = await this.connection.command('NOOP').catch(() => undefined);
    clearTimeout(late);
    return reply?.code === 250;
  }

  live(): boolean {
    return this.connection.live;
  }

  /**
   * Sends one mail. Nothing can have been taken before the content is written, which its final dot ends; after it, silence leaves the mail in doubt. A bind
   * that is not live afterwards must not be used again.
   */
  async send(mail: WireMail, deadlineMs: number): Promise<SubmitAnswer> {
    this.#contentWritten = false;
    const late = setTimeout(() => this.close(), deadlineMs);
    try {
      const refused = await this.#envelope(mail);
      if (refused !== undefined) {
        await this.#reset();
        return judgeAnswer(refused.stage, refused.reply.text);
      }
      this.#contentWritten = true;
      this.connection.write(`${dotted(mail.text)}.\r\n`);
      const reply = await this.connection.reply();
      // It says goodbye with its answer.
      if (reply.code === 421) this.close();
      if (reply.code < 200 || reply.code > 299) return judgeAnswer('DATA', reply.text);
      return { kind: 'accepted', providerIds: [mail.envelopeId], code: /^\d{3}(?: \d\.\d\.\d)?/.exec(reply.text)?.[0] ?? '250' };
    } catch {
      this.close();
      return this.#contentWritten
        ? { kind: 'in-doubt', code: 'no answer after the final dot' }
        : { kind: 'not-submitted', code: 'connection lost' };
    } finally {
      clearTimeout(late);
    }
  }

  close(): void {
    this.connection.end('ECLOSED');
  }

  /** Says goodbye, without waiting for the answer. */
  quit(): void {
    this.connection.quit();
  }

  /** MAIL, RCPT and DATA; answers the first refusal, undefined when the content is asked for. */
  async #envelope(mail: WireMail): Promise<{ readonly stage: SmtpStage; readonly reply: Reply } | undefined> {
    const { connection } = this;
    const from = `MAIL FROM:<${mail.from}>${this.#parameters(mail)}`;
    const to = `RCPT TO:<${mail.to}>`;
    if (!connection.supports('PIPELINING')) {
      for (const [stage, line] of [
        ['MAIL', from],
        ['RCPT', to],
        ['DATA', 'DATA'],
      ] as const) {
        const reply = await connection.command(line);
        if (!passes(stage, reply)) return { stage, reply };
      }
      return undefined;
    }
    connection.write(`${from}\r\n${to}\r\nDATA\r\n`);
    // A relay that refuses and hangs up (421) has answered the first command and leaves the others without.
    const answers = await Promise.allSettled([connection.reply(), connection.reply(), connection.reply()]);
    const replies = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    const refused = replies
      .map((reply, place) => ({ stage: STAGES[place] ?? 'DATA', reply }))
      .find(({ stage, reply }) => !passes(stage, reply));
    const [, , dataReply] = replies;
    if (refused === undefined && dataReply === undefined) throw new ConnectionError('ECLOSED');
    // A relay that asks for content nobody will get is given none (RFC 2920, 3.1).
    if (refused !== undefined && dataReply?.code === 354) await connection.command('.');
    return refused;
  }

  #parameters(mail: WireMail): string {
    const size = this.connection.supports('SIZE') ? ` SIZE=${mail.text.length}` : '';
    return this.connection.supports('DSN') ? `${size} RET=HDRS ENVID=${xtext(mail.envelopeId)}` : size;
  }

  /** A refused mail leaves its sender behind: the next MAIL would be a second one. */
  async #reset(): Promise<void> {
    if (!this.live()) return;
    const reply = await this.connection.command('RSET').catch(() => undefined);
    if (reply?.code !== 250) this.close();
  }
}

function passes(stage: SmtpStage, { code }: Reply): boolean {
  return stage === 'DATA' ? code === 354 : code === 250 || code === 251 || code === 252;
}

/** A line that begins with a dot gets one more (RFC 5321, 4.5.2). */
function dotted(text: string): string {
  const stuffed = text.includes('\n.') ? text.replaceAll('\n.', '\n..') : text;
  return stuffed.startsWith('.') ? `.${stuffed}` : stuffed;
}

/** RFC 3461, 4: for what is not printable ASCII, and for "+" and "=". */
function xtext(text: string): string {
  return text.replace(/[^!-*,-<>-~]/g, (character) => `+${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}
