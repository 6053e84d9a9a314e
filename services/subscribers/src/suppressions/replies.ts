import { ReplyKind, type Reply } from '@tocsin/contracts/channels/v1/channels';
import { unpackEnvelope } from '@tocsin/contracts';
import type { RecordBatch } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';
import { ALL_PURPOSES, ALL_TENANTS, type Wish } from './decide.js';
import { entryKey, type Suppressions } from './suppressions.js';

/** Bytes of a keyed address hash. */
const HASH_BYTES = 16;

/** Executes what people answered: one batch of inbound.replies.v1, idempotent. */
export async function executeReplies(batch: RecordBatch, suppressions: Suppressions, logger: Logger): Promise<void> {
  const replies: Reply[] = [];
  for (const { envelope } of batch.records) {
    if (!envelope) continue;
    const { type, value } = unpackEnvelope(envelope);
    if (type === 'tocsin.channels.v1.Reply' && value.addressHash.length === HASH_BYTES && value.channel !== '') replies.push(value);
  }
  const wishes = replies.flatMap(wishOf);
  wishes.push(...(await liftedForAll(replies, suppressions)));
  if (wishes.length === 0) return;
  await suppressions.apply(wishes);
  const stops = wishes.filter((wish) => wish.stop.length > 0).length;
  logger.info('suppressions.decided', { stops, starts: wishes.length - stops });
}

/** STOP ends everything from that tenant on that channel (from all tenants when the channel could not tell whose message was answered). */
function wishOf(reply: Reply): Wish[] {
  const { channel, addressHash, receivedAt } = reply;
  const wish = { tenantId: reply.tenantId || ALL_TENANTS, channel, addressHash, at: receivedAt };
  switch (reply.kind) {
    case ReplyKind.STOP:
      return [{ ...wish, stop: [ALL_PURPOSES], source: `${channel}-stop` }];
    case ReplyKind.START:
      return [{ ...wish, stop: [], source: `${channel}-start` }];
    case ReplyKind.OTHER:
    case ReplyKind.UNSPECIFIED:
      return [];
  }
}

/** A START to a tenant also lifts the STOP for all tenants where one stands: it was said to the same number. */
async function liftedForAll(replies: readonly Reply[], suppressions: Suppressions): Promise<Wish[]> {
  const starts = replies.filter((reply) => reply.kind === ReplyKind.START && reply.tenantId !== '');
  if (starts.length === 0) return [];
  const addresses = starts.map(({ channel, addressHash }) => ({ channel, hash: addressHash }));
  const standing = await suppressions.standing(ALL_TENANTS, addresses);
  return starts
    .filter(({ channel, addressHash }) => standing.has(entryKey(channel, addressHash)))
    .flatMap((reply) => wishOf({ ...reply, tenantId: '' }));
}
