import type { Readable } from 'node:stream';

/** The few headers the stand-in reads. */
export interface MailHead {
  readonly deliveryId: string;
  readonly attempt: number;
  readonly messageId: string;
  /** Address a mail program posts to when its reader unsubscribes by one click; '' = the mail offers none. */
  readonly oneClick: string;
}

/** Bytes of a mail searched for its headers; Tocsin writes its own within the first kilobyte, the DKIM signature included. */
const HEAD_BYTES = 16_384;

/** Reads a mail to its end and keeps only what its headers say; the body is thrown away unseen. */
export async function readHead(stream: Readable): Promise<MailHead> {
  let head = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (head.length < HEAD_BYTES) head += chunk.toString('latin1');
  }
  return parseHead(head);
}

/** "X-Tocsin-Delivery: <delivery id>#<n>", as Tocsin's mails carry it; empty where it is missing. */
export function parseHead(text: string): MailHead {
  const end = text.indexOf('\r\n\r\n');
  const head = end < 0 ? text : text.slice(0, end);
  const [deliveryId = '', n = '1'] = headerValue(head, 'X-Tocsin-Delivery').split('#');
  const offered = headerValue(head, 'List-Unsubscribe-Post') === 'List-Unsubscribe=One-Click';
  return {
    deliveryId,
    attempt: Number(n),
    messageId: headerValue(head, 'Message-ID').replace(/[<>]/g, ''),
    oneClick: (offered && /^<([^>]*)>/.exec(headerValue(head, 'List-Unsubscribe'))?.[1]) || '',
  };
}

function headerValue(head: string, name: string): string {
  const found = new RegExp(`^${name}:[ \\t]*(?:\\r\\n[ \\t]+)?([^\\r\\n]*)`, 'im').exec(head);
  return found?.[1]?.trim() ?? '';
}
