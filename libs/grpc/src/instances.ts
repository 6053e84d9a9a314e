import { connectivityState } from '@grpc/grpc-js';
import { type Channel, createChannel } from 'nice-grpc';
import { TocsinError } from '@tocsin/errors';
import { clientCredentials, type ClientTls } from './client-tls.js';
import { CONNECT_MS, KEEPALIVE_MS, KEEPALIVE_TIMEOUT_MS, MAX_MESSAGE_BYTES, MAX_RECONNECT_MS } from './limits.js';
import { requireTlsOffLoopback } from './loopback.js';

export interface InstanceOptions {
  /** host:port of every instance; calls go round them. Those farther away are called while none of the near ones answers. */
  readonly addresses: readonly string[] | { readonly near: readonly string[]; readonly far: readonly string[] };
  /** The service of ours they must be by their certificates; without it, certificates must be of the addresses. */
  readonly service?: string;
  readonly tls?: ClientTls | undefined;
}

/** Ms an instance is passed over after a call of it found nobody or was refused for now: its connection may still look well. */
const PASSED_OVER_MS = 2_000;

/** Connections one to an address; calls go round those that are up, near ones first, and a name that resolves to several addresses is gone round by grpc-js. */
export class Instances {
  readonly channels: readonly Channel[];
  private readonly far: number;
  private readonly passedOverUntil: number[];
  private turn = 0;

  constructor(options: InstanceOptions) {
    const { near, far } = 'near' in options.addresses ? options.addresses : { near: options.addresses, far: [] };
    if (near.length + far.length === 0) {
      throw new TocsinError('FAILED_PRECONDITION', 'NO_ADDRESS', 'A gRPC client needs at least one host:port.');
    }
    this.far = near.length;
    this.channels = [...near, ...far].map((address) => open(address, options));
    this.passedOverUntil = this.channels.map(() => Number.NEGATIVE_INFINITY);
  }

  /** Index of the channel to try next at this monotonic ms; an instance that is away only when all are. */
  next(now: number): number {
    this.turn = (this.turn + 1) % this.channels.length;
    let best = this.turn;
    let bestRank = Number.POSITIVE_INFINITY;
    for (let step = 0; step < this.channels.length; step += 1) {
      const index = (this.turn + step) % this.channels.length;
      const rank = this.rank(index, now);
      if (rank < bestRank) {
        best = index;
        bestRank = rank;
      }
    }
    return best;
  }

  /** A call of this instance found nobody, or was refused for now: others are tried first for a while. */
  passOver(index: number, now: number): void {
    this.passedOverUntil[index] = now + PASSED_OVER_MS;
  }

  close(): void {
    for (const channel of this.channels) channel.close();
  }

  /** The lower the sooner: what is up before what is not, then whoever was well of late, then whoever is near. */
  private rank(index: number, now: number): number {
    const state = this.channels[index]?.getConnectivityState(true) ?? connectivityState.SHUTDOWN;
    const unwell = now < (this.passedOverUntil[index] ?? 0) ? 2 : 0;
    return RANK[state] * 4 + unwell + (index >= this.far ? 1 : 0);
  }
}

/** Idle counts as up: it connects with the call. */
const RANK: Readonly<Record<connectivityState, number>> = {
  [connectivityState.READY]: 0,
  [connectivityState.IDLE]: 0,
  [connectivityState.CONNECTING]: 1,
  [connectivityState.TRANSIENT_FAILURE]: 2,
  [connectivityState.SHUTDOWN]: 3,
};

function open(address: string, { tls, service }: InstanceOptions): Channel {
  const host = /^(.+):\d{1,5}$/.exec(address)?.[1];
  if (host === undefined) throw new TocsinError('FAILED_PRECONDITION', 'ADDRESS_MALFORMED', `The address "${address}" is not host:port.`);
  requireTlsOffLoopback(host, tls, 'Calling');
  return createChannel(address, clientCredentials(tls, service), {
    // The name asked for in the handshake; an address is none.
    ...(tls && service !== undefined ? { 'grpc.ssl_target_name_override': service } : {}),
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.keepalive_permit_without_calls': 0,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_MS,
    // The name has history: nice-grpc reads it as the limit of one attempt to connect.
    'grpc.min_reconnect_backoff_ms': CONNECT_MS,
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.use_local_subchannel_pool': 1,
    // Retries are ours: by code, with the whole deadline.
    'grpc.enable_retries': 0,
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    'grpc.enable_http_proxy': 0,
  });
}
