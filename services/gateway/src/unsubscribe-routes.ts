import { TocsinError } from '@tocsin/errors';
import type { HttpRoute } from '@tocsin/service-kit';
import type { CallSlots } from './call-slots.js';
import { unsubscribePage, type UnsubscribeState } from './unsubscribe-page.js';

/** Longest token looked at, characters; ours have 160 at most. */
const MAX_TOKEN = 200;
/** RFC 8058: one field, sent as a form, url-encoded or in parts. */
const ONE_CLICK = /List-Unsubscribe(?:=|"\s*\r?\n(?:[^\r\n]+\r?\n)*\r?\n)One-Click/i;

/** Seconds after which a resident, or the mail program that asks for one, should try again. */
const RETRY_AFTER = 60;

const STATUS: Readonly<Record<UnsubscribeState, number>> = { ask: 200, done: 200, invalid: 400, later: 503 };

/** Mail programs post to a mail's link to unsubscribe at once; people who open it are asked first, because scanners of links open it too. */
export function unsubscribeRoutes(unsubscribe: (token: string) => Promise<void>, slots: CallSlots): readonly HttpRoute[] {
  return [
    {
      method: 'GET',
      path: '/u/:token',
      handle: ({ params }) => Promise.resolve(page(isToken(params['token']) ? 'ask' : 'invalid')),
    },
    {
      method: 'POST',
      path: '/u/:token',
      async handle({ params, body }) {
        const token = params['token'];
        if (!isToken(token) || !ONE_CLICK.test(body)) return page('invalid');
        try {
          const release = slots.take();
          await unsubscribe(token).finally(release);
          return page('done');
        } catch (error) {
          if (!(error instanceof TocsinError)) return later(503);
          return error.code === 'INVALID_ARGUMENT' ? page('invalid') : later(error.code === 'RESOURCE_EXHAUSTED' ? 429 : 503);
        }
      },
    },
  ];
}

function isToken(token: string | undefined): token is string {
  return token !== undefined && token.length <= MAX_TOKEN && /^[A-Za-z0-9_.-]+$/.test(token);
}

function page(state: UnsubscribeState): { status: number; type: string; body: string } {
  return { status: STATUS[state], type: 'text/html; charset=utf-8', body: unsubscribePage(state) };
}

function later(status: 429 | 503): ReturnType<HttpRoute['handle']> extends Promise<infer Answer> ? Answer : never {
  return { ...page('later'), status, retryAfter: RETRY_AFTER };
}
