import { TOPICS, unpackEnvelope } from '@tocsin/contracts';
import type { KafkaConnection, TailReader } from '@tocsin/kafka';
import type { KeyCache } from './key-cache.js';

/** Follows what happens to tenants, so that a suspended one is forgotten at once and not only when its keys' time is over. */
export function followTenants(kafka: KafkaConnection, cache: KeyCache): TailReader {
  return kafka.tail({
    name: 'gateway-tenants',
    topics: [{ topic: TOPICS.tenantEvents.name, from: 'end' }],
    onBatch(batch) {
      for (const { envelope } of batch.records) {
        if (envelope === null || envelope.type !== 'tocsin.tenants.v1.TenantChanged') continue;
        const { type, value } = unpackEnvelope(envelope);
        if (type !== 'tocsin.tenants.v1.TenantChanged' || value.tenant?.suspended !== true) continue;
        const { tenantId } = value.tenant;
        cache.forget((caller) => caller.tenantId === tenantId);
      }
      return Promise.resolve();
    },
  });
}
