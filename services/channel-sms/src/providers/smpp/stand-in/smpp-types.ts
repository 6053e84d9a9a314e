import type { EventEmitter } from 'node:events';
import type { Server as NetServer, Socket } from 'node:net';

/** A PDU as npm smpp reads and writes it; parameters and TLVs are properties of their SMPP names. */
export interface Pdu {
  readonly command: string;
  readonly command_id: number;
  readonly command_status: number;
  sequence_number: number;
  readonly [parameter: string]: unknown;
  response(options?: Readonly<Record<string, unknown>>): Pdu;
  isResponse(): boolean;
}

/** False when the socket is not writable. */
type Command = (parameters: Readonly<Record<string, unknown>>, answered?: (pdu: Pdu) => void) => boolean;

export interface Session extends EventEmitter {
  readonly socket: Socket;
  /** False when the socket is not writable. */
  send(pdu: Pdu): boolean;
  bind_transceiver: Command;
  submit_sm: Command;
  deliver_sm: Command;
  enquire_link: Command;
  unbind: Command;
  close(): void;
  destroy(): void;
}

export interface Server extends NetServer {
  readonly sessions: readonly Session[];
}

/** The part of npm smpp that we use; the package brings no types. */
export interface SmppLibrary {
  connect(options: Readonly<Record<string, unknown>>): Session;
  createServer(options: Readonly<Record<string, unknown>>, listener: (session: Session) => void): Server;
  addTLV(name: string, options: { readonly id: number; readonly type: unknown }): void;
  readonly types: { readonly tlv: { readonly string: unknown } };
  readonly tlvs: Record<string, { filter?: unknown }>;
  readonly commands: Record<string, { params: Record<string, { filter?: unknown }> }>;
}
