import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SubmitAnswer } from '@tocsin/channel-kit';
import { judgeAnswer, type SmtpStage } from './answers.js';

/** How a relay is reached. */
export interface RelaySetting {
  readonly host: string;
  readonly port: number;
  /** Name under which this machine says EHLO. */
  readonly heloName: string;
  readonly security: 'none' | 'starttls' | 'tls';
  /** Name in the relay's certificate. */
  readonly serverName: string;
  readonly user: string;
  readonly password: string;
}

export interface WireMail {
  readonly from: string;
  readonly to: string;
  readonly envelopeId: string;
  readonly bytes: Buffer;
}

/** Connection, greeting and TLS together, ms: a relay that takes longer will not keep up either. */
const OPEN_DEADLINE = 10_000;
/** A connection on which nothing moved for this long is dead, ms; the deadline of a submission is shorter. */
const SILENCE = 120_000;
/** Longest answer read, bytes. */
const MAX_ANSWER = 8192;

/** One SMTP connection: one mail at a time. */
export class SmtpBind {
  #live = true;

  private constructor(
    private readonly connection: SMTPConnection,
    onEnd: (ended: SmtpBind) => void,
  ) {
    connection.once('end', () => {
      this.#live = false;
      onEnd(this);
    });
  }

  /** Connects, greets, secures, logs in; rejects with what went wrong. */
  static async open(setting: RelaySetting, onEnd: (ended: SmtpBind) => void): Promise<SmtpBind> {
    const connection = new SMTPConnection({
      host: setting.host,
      port: setting.port,
      name: setting.heloName,
      secure: setting.security === 'tls',
      ignoreTLS: setting.security === 'none',
      requireTLS: setting.security === 'starttls',
      tls: { servername: setting.serverName },
      connectionTimeout: OPEN_DEADLINE,
      greetingTimeout: OPEN_DEADLINE,
      socketTimeout: SILENCE,
      maxResponseSize: MAX_ANSWER,
      logger: false,
    });
    // Errors reach whoever waits for a callback; without a listener an idle connection's error would end the process.
    connection.on('error', () => undefined);
    try {
      await settled((done) => {
        connection.once('error', done);
        connection.once('end', () => done(new Error('closed by the relay')));
        connection.connect(done);
      });
      if (setting.user !== '') {
        await settled((done) => connection.login({ credentials: { user: setting.user, pass: setting.password } }, done));
      }
    } catch (error) {
      connection.close();
      throw error;
    }
    return new SmtpBind(connection, onEnd);
  }

  live(): boolean {
    return this.#live;
  }

  /**
   * Sends one mail. Nothing can have been taken before the final dot is written; after it, silence leaves the mail in doubt. A bind that is
   * not live afterwards must not be used again.
   */
  async send(mail: WireMail, deadlineMs: number): Promise<SubmitAnswer> {
    const source = Readable.from([mail.bytes], { objectMode: false });
    const outcome = await new Promise<{ error?: unknown; response?: string }>((resolve) => {
      const timer = setTimeout(() => {
        this.close();
        resolve({ error: new Error('deadline') });
      }, deadlineMs);
      const envelope = { from: mail.from, to: [mail.to], size: mail.bytes.length, dsn: { ret: 'HDRS', envid: mail.envelopeId } };
      this.connection.send(envelope, source, (error, info) => {
        clearTimeout(timer);
        resolve(error ? { error } : { response: info?.response ?? '' });
      });
    });
    if (outcome.response !== undefined) {
      return { kind: 'accepted', providerIds: [mail.envelopeId], code: /^\d{3}(?: \d\.\d\.\d)?/.exec(outcome.response)?.[0] ?? '250' };
    }
    const { response, command } = Object(outcome.error) as { response?: string; command?: string };
    const stage = stageOf(command);
    if (response !== undefined && stage !== undefined) {
      if (this.#live) await this.#reset(deadlineMs);
      return judgeAnswer(stage, response);
    }
    this.close();
    if (response !== undefined) return judgeAnswer('DATA', response);
    // The dot follows the end of the message at once, so a message that was read to its end may have been taken.
    return source.readableEnded
      ? { kind: 'in-doubt', code: 'no answer after the final dot' }
      : { kind: 'not-submitted', code: 'connection lost' };
  }

  close(): void {
    this.#live = false;
    this.connection.close();
  }

  /** Says goodbye, without waiting for the answer. */
  quit(): void {
    this.#live = false;
    this.connection.quit();
  }

  async #reset(deadlineMs: number): Promise<void> {
    const timer = setTimeout(() => this.close(), deadlineMs);
    await settled((done) => this.connection.reset(done)).catch(() => this.close());
    clearTimeout(timer);
  }
}

function stageOf(command: string | undefined): SmtpStage | undefined {
  if (command === 'MAIL FROM') return 'MAIL';
  if (command === 'RCPT TO') return 'RCPT';
  return command === 'DATA' ? 'DATA' : undefined;
}

async function settled(run: (done: (error?: Error | null) => void) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => run((error) => (error ? reject(error) : resolve())));
}
