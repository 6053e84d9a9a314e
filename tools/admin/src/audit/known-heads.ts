import { TOPICS, unpackEnvelope } from '@tocsin/contracts';
import type { AuditHead } from '@tocsin/contracts/tenants/v1/tenant';
import type { KafkaConnection } from '@tocsin/kafka';

/** ms to read every head: one compacted record a scope. */
const READ_MS = 60_000;

/** The furthest head of each scope that Kafka remembers and `holds` vouches for; `forged`: scopes with a head that it does not. */
export async function headsInKafka(
  connection: KafkaConnection,
  holds: (head: AuditHead) => boolean,
): Promise<{ readonly heads: ReadonlyMap<string, AuditHead>; readonly forged: readonly string[] }> {
  const heads = new Map<string, AuditHead>();
  const forged = new Set<string>();
  await connection.ensureTopics([TOPICS.auditHeads]);
  const tail = connection.tail({
    name: 'admin-audit-heads',
    topics: [{ topic: TOPICS.auditHeads.name, from: 'beginning' }],
    onBatch: (batch) => {
      for (const { envelope } of batch.records) {
        const unpacked = envelope ? unpackEnvelope(envelope) : undefined;
        if (unpacked?.type !== 'tocsin.tenants.v1.AuditHead') continue;
        const head = unpacked.value;
        if (!holds(head)) forged.add(head.scope);
        else if (head.seq > (heads.get(head.scope)?.seq ?? 0)) heads.set(head.scope, head);
      }
      return Promise.resolve();
    },
  });
  await tail.start();
  try {
    await tail.caughtUp(READ_MS);
  } finally {
    await tail.stop();
  }
  return { heads, forged: [...forged] };
}
