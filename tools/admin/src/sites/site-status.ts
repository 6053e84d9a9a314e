import type { ClusterCopies } from '@tocsin/kafka';

/** An acknowledgement needs so many copies in sync (min.insync.replicas of a stretched platform). */
const LEAST_IN_SYNC = 2;

export interface SiteStatus {
  /** As broker.rack names it. */
  readonly site: string;
  /** Ids of its brokers that are up. */
  readonly nodes: readonly number[];
  /** Partitions led there. */
  readonly leads: number;
  /** Copies there that are in sync. */
  readonly inSync: number;
  /** Partitions that would take no record without it. */
  readonly needed: number;
  /** Whether it may be taken away now with nothing interrupted. */
  readonly mayGo: boolean;
}

export interface SitesStatus {
  readonly sites: readonly SiteStatus[];
  readonly partitions: number;
  /** Partitions that lack a copy. */
  readonly missingCopies: number;
  /** Partitions that take no record now. */
  readonly unwritable: number;
}

/** Each site of a stretched platform and whether it may go; pure. */
export function sitesStatus({ racks, partitions }: ClusterCopies): SitesStatus {
  const names = [...new Set(racks.values())].filter((name) => name !== '').toSorted();
  const unwritable = partitions.filter(({ leader, inSync, copies }) => leader < 0 || inSync < Math.min(LEAST_IN_SYNC, copies)).length;
  const sites = names.map((site): SiteStatus => {
    const isHere = (node: number): boolean => racks.get(node) === site;
    const needed = partitions.filter(
      ({ inSyncOn, copies }) => inSyncOn.filter((node) => !isHere(node)).length < Math.min(LEAST_IN_SYNC, copies),
    ).length;
    return {
      site,
      nodes: [...racks.keys()].filter(isHere).toSorted((a, b) => a - b),
      leads: partitions.filter(({ leader }) => isHere(leader)).length,
      inSync: partitions.reduce((sum, { inSyncOn }) => sum + inSyncOn.filter(isHere).length, 0),
      needed,
      mayGo: needed === 0,
    };
  });
  return {
    sites,
    partitions: partitions.length,
    missingCopies: partitions.filter(({ copies, inSync }) => inSync < copies).length,
    unwritable,
  };
}
