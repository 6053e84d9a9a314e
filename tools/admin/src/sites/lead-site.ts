import { TocsinError } from '@tocsin/errors';
import { type ClusterCopies, type KafkaConnection, placeCopies } from '@tocsin/kafka';

export interface Leading {
  /** The sites in the order in which they lead: the first, and each next one when those before it are away. */
  readonly order: readonly string[];
  readonly partitions: number;
}

/**
 * Lets one site lead every partition, groups included. Where sites see the witness and not each other, those of half the leaders each could write to neither half; led by one site, its services write to all, and
 * the other's lose their leases. One broker a site; refuses unless each partition has a copy at every site, in sync.
 */
export async function leadSite(kafka: KafkaConnection, site: string): Promise<Leading> {
  const copies = await kafka.copies();
  const { order, nodes } = leadingOrder(copies, site);
  const { partitions } = await placeCopies(kafka, nodes);
  return { order, partitions };
}

/** The sites, the leading one first, and the node of each; pure. */
export function leadingOrder(
  { racks, partitions }: Pick<ClusterCopies, 'racks' | 'partitions'>,
  site: string,
): { readonly order: readonly string[]; readonly nodes: readonly number[] } {
  const byRack = [...racks]
    .filter(([, rack]) => rack !== '')
    .toSorted(([, a], [, b]) => Number(b === site) - Number(a === site) || a.localeCompare(b));
  if (byRack[0]?.[1] !== site) throw refused('SITE_AWAY', `No broker of site ${site} is up.`);
  if (new Set(byRack.map(([, rack]) => rack)).size !== byRack.length) {
    throw refused(
      'SEVERAL_BROKERS',
      'A site has several brokers: place its copies with kafka-reassign-partitions.sh, those of the leading site first.',
    );
  }
  const missing = partitions.filter(({ inSync }) => inSync < byRack.length).length;
  if (missing > 0)
    throw refused(
      'COPIES_MISSING',
      `${missing} partitions lack a copy at one of ${byRack.map(([, rack]) => rack).join(', ')}: wait until site status finds none.`,
    );
  return { order: byRack.map(([, rack]) => rack), nodes: byRack.map(([node]) => node) };
}

function refused(reason: string, message: string): TocsinError {
  return new TocsinError('FAILED_PRECONDITION', reason, message);
}
