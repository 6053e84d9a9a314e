import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTracing } from './create-tracing.js';

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code?: number; readonly message?: string };
}
interface OtlpBody {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

describe('spans by OTLP, to a collector on this machine', () => {
  let collector: Server;
  let url: string;
  const bodies: string[] = [];

  beforeEach(async () => {
    bodies.length = 0;
    collector = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        bodies.push(body);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;
  });
  afterEach(() => new Promise((resolve) => collector.close(resolve)));

  it('arrive with their service, their parent and their fault', async () => {
    const tracing = createTracing({ service: 'routing', instanceId: 'routing-1', otlpUrl: url });
    await tracing.span('outer', {}, () => tracing.span('inner', {}, () => Promise.reject(new Error('refused'))).catch(() => undefined));
    await tracing.shutdown();
    const sent = bodies.flatMap((body) => (JSON.parse(body) as OtlpBody).resourceSpans);
    const spans = sent.flatMap((resource) => resource.scopeSpans.flatMap((scope) => scope.spans));
    const outer = spans.find((span) => span.name === 'outer');
    const inner = spans.find((span) => span.name === 'inner');
    expect(sent[0]?.resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'routing' } });
    expect(inner).toMatchObject({ traceId: outer?.traceId, parentSpanId: outer?.spanId, status: { code: 2 } });
    expect(inner?.status.message).toContain('refused');
  });

  it('carry no number, mailbox or token, wherever one was put', async () => {
    const tracing = createTracing({ service: 'routing', instanceId: 'routing-1', otlpUrl: url });
    const attributes = { note: 'to 0612345678', to: 'Jeanne', mail: 'x', peer: 'jeanne@example.fr', campaign: 'cmp_1', n: 3 };
    await tracing.span('send to +33612345678', { attributes }, () => Promise.reject(new Error('tok_a_b'))).catch(() => undefined);
    await tracing.shutdown();
    const text = bodies.join('');
    expect(text).toContain('cmp_1');
    expect(text).not.toMatch(/612345678|Jeanne|jeanne@|tok_a_b/);
  });

  it('are lost, and nothing else is, when no collector answers', async () => {
    const tracing = createTracing({ service: 'routing', instanceId: 'routing-1', otlpUrl: 'http://127.0.0.1:1/v1/traces' });
    expect(await tracing.span('x', {}, () => Promise.resolve(7))).toBe(7);
    const start = performance.now();
    await tracing.shutdown();
    expect(performance.now() - start).toBeLessThan(3_000);
  });
});
