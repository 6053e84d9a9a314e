import { invalidArgument } from '@tocsin/errors';
import { textAt, type Fields } from './message-fields.js';

/**
 * Passes an import's stream on with its tenant said in the header, which comes first and once; the stream is pulled, never pushed, so a slow
 * register slows its sender. `place` answers the tenant for the one named, or throws.
 */
export async function* withTenantInHeader(
  messages: AsyncIterable<unknown>,
  place: (named: string) => string,
): AsyncGenerator<unknown, void, undefined> {
  let first = true;
  for await (const message of messages) {
    if (first) yield filled(message as Fields, place);
    else if (textAt(message, 'part.$case') !== 'chunk')
      throw invalidArgument([{ field: 'part', description: 'only chunks may follow the header' }]);
    else yield message;
    first = false;
  }
  if (first) throw invalidArgument([{ field: 'header', description: 'the stream is empty; the header comes first' }]);
}

function filled(message: Fields, place: (named: string) => string): Fields {
  const part = message['part'] as Fields | undefined;
  if (part === undefined || part['$case'] !== 'header')
    throw invalidArgument([{ field: 'header', description: 'must be the first message' }]);
  const header = part['value'] as Fields;
  return { ...message, part: { ...part, value: { ...header, tenantId: place(textAt(header, 'tenantId')) } } };
}
