import type { KafkaConnection } from '@tocsin/kafka';
import { type MongoConnection, openIdLists } from '@tocsin/mongo';
import type { AuditMac } from '@tocsin/sealing';
import { headHolds } from '../../../../services/tenants/dist/audit/audit-heads.js';
import { type Anchor, anchorOf, type ChainReport, verifyChain } from '../../../../services/tenants/dist/audit/verify-chain.js';
import type { AuditDocument, AuditHeadDocument, AuditPlace } from '../../../../services/tenants/dist/stores/records.js';
import { AUDIT_LIST, TENANT_LIST } from '../../../../services/tenants/dist/stores/stores.js';
import type { KeptAnchor } from './anchor-text.js';
import { headsInKafka } from './known-heads.js';

/** Ids of one page of a list. */
const PAGE = 500;
/** Scopes verified side by side: each reads its pages with eight point reads at once. */
const AT_ONCE = 2;

export interface AuditReport {
  readonly reports: readonly ChainReport[];
  /** Scopes with a head that the platform key does not vouch for. */
  readonly forgedHeads: readonly string[];
}

/** Verifies the audits of these scopes, of every scope known anywhere when none is named, against what the database, Kafka and whoever kept an anchor remember. */
export async function verifyAudit(
  connection: MongoConnection,
  kafka: KafkaConnection,
  mac: AuditMac,
  named: readonly string[],
  kept: readonly KeptAnchor[],
): Promise<AuditReport> {
  const audit = await connection.documents<AuditDocument>('audit');
  const auditPlaces = await connection.documents<AuditPlace>('audit_places');
  const auditHeads = await connection.documents<AuditHeadDocument>('audit_heads');
  const { heads, forged } = await headsInKafka(kafka, (head) => headHolds(mac, head));
  const forgedHeads = new Set(forged);
  const scopes =
    named.length > 0 ? named : [...new Set([...(await listedScopes(connection)), ...heads.keys(), ...kept.map((one) => one.scope)])];

  const verify = async (scope: string): Promise<ChainReport> => {
    const anchors: Anchor[] = kept.filter((one) => one.scope === scope).map((one) => ({ ...one, from: 'the anchor kept outside' }));
    const stored = await auditHeads.get(scope);
    const told = stored && { scope, seq: stored.seq, hash: stored.hash, at: stored.at, mac: stored.mac };
    if (told && headHolds(mac, told)) anchors.push(anchorOf(told, 'the database'));
    else if (told) forgedHeads.add(scope);
    const inKafka = heads.get(scope);
    if (inKafka) anchors.push(anchorOf(inKafka, 'Kafka'));
    return verifyChain({ audit, auditPlaces, mac }, scope, anchors);
  };

  const reports: ChainReport[] = [];
  const waiting = scopes.toSorted().values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const scope of waiting) reports.push(await verify(scope));
    }),
  );
  return { reports: reports.toSorted((a, b) => (a.scope < b.scope ? -1 : 1)), forgedHeads: [...forgedHeads].toSorted() };
}

async function listedScopes(connection: MongoConnection): Promise<string[]> {
  const lists = await openIdLists(connection, 'lists');
  const scopes = ['platform'];
  for (const list of [TENANT_LIST, AUDIT_LIST]) {
    let pageToken = '';
    do {
      const page = await lists.page(list, PAGE, pageToken);
      scopes.push(...page.ids);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
  }
  return scopes;
}
