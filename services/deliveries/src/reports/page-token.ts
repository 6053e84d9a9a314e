import { invalidArgument } from '@tocsin/errors';

/** The next recipient to look at. */
export interface Place {
  readonly slice: number;
  readonly index: number;
}

export function writePlace(place: Place): string {
  return Buffer.from(`${place.slice}:${place.index}`).toString('base64url');
}

/** '' is the start; throws TocsinError INVALID_ARGUMENT for a token no list gave. */
export function readPlace(token: string): Place {
  if (token === '') return { slice: 0, index: 0 };
  const match = /^(\d{1,7}):(\d{1,3})$/.exec(Buffer.from(token, 'base64url').toString('latin1'));
  if (!match) throw invalidArgument([{ field: 'page_token', description: 'is not one this list gave' }]);
  return { slice: Number(match[1]), index: Number(match[2]) };
}
