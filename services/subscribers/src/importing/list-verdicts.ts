import type { Import, ListVerdictsRequest, ListVerdictsResponse } from '@tocsin/contracts/subscribers/v1/registers_service';
import { invalidArgument, notFound } from '@tocsin/errors';
import type { AggregateStore } from '@tocsin/mongo';
import type { ImportAggregate } from './import-state.js';
import { VERDICTS_EACH, type VerdictStore } from './verdict-store.js';

const DEFAULT_PAGE_SIZE = 100;

/** An import of this tenant; another's does not exist. */
export async function getImport(store: AggregateStore<ImportAggregate>, tenantId: string, importId: string): Promise<ImportAggregate> {
  const stored = await store.get(importId);
  if (!stored || stored.state.import.tenantId !== tenantId) throw notFound('Import');
  return stored.state;
}

/** Verdicts in the order of the file; a token is the number of verdicts already read. */
export async function listVerdicts(
  request: ListVerdictsRequest,
  imports: AggregateStore<ImportAggregate>,
  store: VerdictStore,
): Promise<ListVerdictsResponse> {
  const size = request.pageSize || DEFAULT_PAGE_SIZE;
  if (size > VERDICTS_EACH) throw invalidArgument([{ field: 'page_size', description: `must be at most ${VERDICTS_EACH}` }]);
  if (!/^\d{0,9}$/.test(request.pageToken))
    throw invalidArgument([{ field: 'page_token', description: 'must be one of an earlier answer' }]);
  const { import: found, verdicts: kept }: { import: Import; verdicts: number } = await getImport(
    imports,
    request.tenantId,
    request.importId,
  );
  const from = Number(request.pageToken || '0');
  const until = Math.min(from + size, kept);
  const verdicts: ListVerdictsResponse['verdicts'] = [];
  while (from + verdicts.length < until) {
    const at = from + verdicts.length;
    const page = await store.get(found.importId, Math.floor(at / VERDICTS_EACH));
    const part = page.slice(at % VERDICTS_EACH, (at % VERDICTS_EACH) + until - at);
    if (part.length === 0) break;
    verdicts.push(...part);
  }
  return { verdicts, nextPageToken: until < kept ? String(until) : '' };
}
