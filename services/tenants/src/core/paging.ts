import { invalidArgument } from '@tocsin/errors';

const DEFAULT_PAGE = 100;
const MAX_PAGE = 500;

/** 0 = the default of 100; throws TocsinError INVALID_ARGUMENT above 500. */
export function pageSize(requested: number): number {
  if (requested === 0) return DEFAULT_PAGE;
  if (requested < 0 || requested > MAX_PAGE) throw invalidArgument([{ field: 'page_size', description: `must be 1 to ${MAX_PAGE}` }]);
  return requested;
}
