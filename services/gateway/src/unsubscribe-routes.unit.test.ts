import { describe, expect, it } from 'vitest';
import { TocsinError } from '@tocsin/errors';
import { CallSlots } from './call-slots.js';
import { unsubscribeRoutes } from './unsubscribe-routes.js';

const ONE_CLICK = 'List-Unsubscribe=One-Click';
const IN_PARTS = '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n';

async function call(
  method: 'GET' | 'POST',
  token: string,
  body = '',
  fail?: Error,
): Promise<{ status: number; body: string; retryAfter: number | undefined; done: string[] }> {
  const done: string[] = [];
  const routes = unsubscribeRoutes((given) => {
    done.push(given);
    return fail ? Promise.reject(fail) : Promise.resolve();
  }, new CallSlots(2));
  const route = routes.find((candidate) => candidate.method === method);
  const answer = await route?.handle({ params: { token }, body });
  return { status: answer?.status ?? 0, body: answer?.body ?? '', retryAfter: answer?.retryAfter, done };
}

describe('unsubscribing', () => {
  it.each([
    ['a mail program posts the one field', 'POST', 'abc', ONE_CLICK, 200, ['abc']],
    ['the same in parts, as RFC 8058 prefers', 'POST', 'abc', IN_PARTS, 200, ['abc']],
    ['opening the link asks and changes nothing', 'GET', 'abc', '', 200, []],
    ['a post without the field changes nothing', 'POST', 'abc', '', 400, []],
    ['a token that cannot be one of ours', 'POST', 'a<b', ONE_CLICK, 400, []],
    ['a token far too long', 'POST', 'a'.repeat(201), ONE_CLICK, 400, []],
  ] as const)('%s', async (_label, method, token, body, status, done) => {
    expect(await call(method, token, body)).toMatchObject({ status, done });
  });

  it('a forged token is said to be invalid, a service away is said to come back', async () => {
    expect((await call('POST', 'abc', ONE_CLICK, new TocsinError('INVALID_ARGUMENT', 'TOKEN', 'x'))).status).toBe(400);
    const away = new TocsinError('UNAVAILABLE', 'AWAY', 'x');
    expect(await call('POST', 'abc', ONE_CLICK, away)).toMatchObject({ status: 503, retryAfter: 60 });
    const shed = new TocsinError('RESOURCE_EXHAUSTED', 'GATEWAY_BUSY', 'x');
    expect(await call('POST', 'abc', ONE_CLICK, shed)).toMatchObject({ status: 429, retryAfter: 60 });
  });

  it('the page is French, complete and never shows the token', async () => {
    const { body } = await call('GET', 'SECRETTOKEN');
    expect(body).toContain('lang="fr"');
    expect(body).toContain('value="One-Click"');
    expect(body).not.toContain('SECRETTOKEN');
  });
});
