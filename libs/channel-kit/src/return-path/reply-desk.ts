import { TOPICS, record } from '@tocsin/contracts';
import { ReplyKind } from '@tocsin/contracts/channels/v1/channels';
import type { BatchProducer } from '@tocsin/kafka';
import type { Sealer } from '@tocsin/sealing';
import type { Clock } from '@tocsin/service-kit';
import type { ProviderReply } from '../channel.js';
import type { Knowledge } from '../knowledge/knowledge.js';
import type { ChannelMetrics } from '../metrics.js';

export interface ReplyDeskDeps {
  readonly channel: string;
  readonly producer: BatchProducer;
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly knowledge: Knowledge;
  readonly metrics: ChannelMetrics;
}

const KINDS: Readonly<Record<ProviderReply['kind'], ReplyKind>> = { stop: ReplyKind.STOP, start: ReplyKind.START, other: ReplyKind.OTHER };

/** Passes on what a person answered, by the keyed hash of their address and with the tenant that wrote to it last; never the words. */
export class ReplyDesk {
  constructor(private readonly deps: ReplyDeskDeps) {}

  /** Resolves when Kafka has it: only then may the provider be answered. */
  async take(reply: ProviderReply): Promise<void> {
    const { channel, clock, knowledge, sealer } = this.deps;
    this.deps.metrics.replies.add({ kind: reply.kind });
    const addressHash = sealer.addressHash(reply.from);
    const latest = knowledge.accepted.latestOf(addressHash);
    const value = {
      channel,
      addressHash,
      writtenTo: reply.writtenTo,
      kind: KINDS[reply.kind],
      tenantId: latest?.tenantId ?? '',
      campaignId: latest?.campaignId ?? '',
      receivedAt: reply.receivedAt,
    };
    const meta = { tenantId: value.tenantId, occurredAt: clock.now() };
    await this.deps.producer.send([record(TOPICS.replies.name, addressHash.toString('hex'), 'tocsin.channels.v1.Reply', value, meta)]);
  }
}
