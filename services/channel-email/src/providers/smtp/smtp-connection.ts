import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ReplyReader, type Reply } from './replies.js';

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

/** Connection, greeting, TLS and login together, ms: a relay that takes longer will not keep up either. */
const OPEN_DEADLINE = 10_000;
/** A connection on which nothing moved for this long is dead, ms; the deadline of a submission is shorter. */
const SILENCE = 120_000;

/** Why a connection does not stand; `code` is for people and never quotes the relay's words. */
export class ConnectionError extends Error {
  constructor(readonly code: string) {
    super(code);
    this.name = 'ConnectionError';
  }
}

interface Expected {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** A connection to one relay: commands out, answers in their order. */
export class SmtpConnection {
  /** What the relay said it can, upper case, with its words: "SIZE 1000". */
  extensions: readonly string[] = [];
  #socket: Socket;
  #replies = new ReplyReader();
  readonly #expected: Expected[] = [];
  #ended: string | undefined;

  /** Called once, when the connection is gone. */
  onEnd: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  /** Connects, greets, secures, logs in; rejects with what went wrong. */
  static async open(setting: RelaySetting): Promise<SmtpConnection> {
    const { host, port } = setting;
    const socket = setting.security === 'tls' ? connectTls({ port, ...tlsNames(setting), host }) : connectTcp({ host, port });
    const connection = new SmtpConnection(socket);
    const late = setTimeout(() => connection.end('ETIMEDOUT'), OPEN_DEADLINE);
    try {
      await connection.#greet(setting);
    } catch (error) {
      connection.end('EGREETING');
      throw error;
    } finally {
      clearTimeout(late);
    }
    return connection;
  }

  get live(): boolean {
    return this.#ended === undefined;
  }

  supports(extension: string): boolean {
    return this.extensions.some((line) => line === extension || line.startsWith(`${extension} `));
  }

  /** Writes octets in one go; whoever expects an answer asks for it in the same turn. */
  write(octets: string | Buffer): void {
    if (typeof octets === 'string') this.#socket.write(octets, 'latin1');
    else this.#socket.write(octets);
  }

  /** The next answer that nobody has asked for yet. */
  reply(): Promise<Reply> {
    if (this.#ended !== undefined) return Promise.reject(new ConnectionError(this.#ended));
    return new Promise((resolve, reject) => this.#expected.push({ resolve, reject }));
  }

  command(line: string): Promise<Reply> {
    this.write(`${line}\r\n`);
    return this.reply();
  }

  /** Closes at once; whoever waits is told. */
  end(code: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = code;
    this.#socket.destroy();
    for (const { reject } of this.#expected.splice(0)) reject(new ConnectionError(code));
    this.onEnd();
  }

  /** Says goodbye, without waiting for the answer. */
  quit(): void {
    if (this.#ended !== undefined) return;
    this.write('QUIT\r\n');
    this.#socket.end();
    // What it still says is of no interest.
    this.#expected.push({ resolve: () => undefined, reject: () => undefined });
  }

  async #greet(setting: RelaySetting): Promise<void> {
    expectCode(await this.reply(), 220);
    await this.#hello(setting.heloName);
    if (setting.security === 'starttls') {
      if (!this.supports('STARTTLS')) throw new ConnectionError('ENOSTARTTLS');
      expectCode(await this.command('STARTTLS'), 220);
      await this.#secure(setting);
      await this.#hello(setting.heloName);
    }
    if (setting.user !== '') await this.#login(setting.user, setting.password);
  }

  async #hello(name: string): Promise<void> {
    const { text } = expectCode(await this.command(`EHLO ${name}`), 250);
    this.extensions = text
      .split('\n')
      .slice(1)
      .map((line) => line.slice(4).toUpperCase());
  }

  async #login(user: string, password: string): Promise<void> {
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const offered = (this.extensions.find((line) => line.startsWith('AUTH ')) ?? '').split(' ');
    if (!offered.includes('PLAIN') && offered.includes('LOGIN')) {
      expectCode(await this.command('AUTH LOGIN'), 334);
      expectCode(await this.command(base64(user)), 334);
      expectCode(await this.command(base64(password)), 235);
    } else expectCode(await this.command(`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`), 235);
  }

  /** TLS over what stands. Whatever came in the clear behind the relay's consent is somebody else's (RFC 3207, 6). */
  async #secure(setting: RelaySetting): Promise<void> {
    if (this.#ended !== undefined || !this.#replies.empty) throw new ConnectionError(this.#ended ?? 'EINJECTED');
    const plain = this.#socket;
    plain.removeAllListeners('data');
    this.#socket = connectTls({ socket: plain, ...tlsNames(setting) });
    this.#replies = new ReplyReader();
    this.#listen();
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('secureConnect', resolve);
      this.#socket.once('close', () => reject(new ConnectionError(this.#ended ?? 'ETLS')));
    });
  }

  #listen(): void {
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.setTimeout(SILENCE, () => this.end('ESILENCE'));
    socket.on('data', (chunk) => this.#heard(chunk));
    socket.on('error', (error) => this.end((error as { code?: string }).code ?? 'ESOCKET'));
    socket.on('close', () => this.end('ECLOSED'));
  }

  #heard(chunk: Buffer): void {
    try {
      for (const reply of this.#replies.take(chunk.toString('latin1'))) {
        const expected = this.#expected.shift();
        // Unasked: "421 closing" of a relay that shuts down, or a stream out of step. Either way nothing may be sent here any more.
        if (expected === undefined) return this.end(reply.code === 421 ? 'ECLOSING' : 'EUNASKED');
        expected.resolve(reply);
      }
    } catch {
      this.end('EPROTOCOL');
    }
  }
}

function expectCode(reply: Reply, code: number): Reply {
  if (reply.code !== code) throw new ConnectionError(`E${reply.code}`);
  return reply;
}

/** An address is no server name in TLS; the certificate is held against it all the same. */
function tlsNames({ serverName }: RelaySetting): { readonly host: string; readonly servername?: string } {
  return { host: serverName, ...(isIP(serverName) === 0 ? { servername: serverName } : {}) };
}
