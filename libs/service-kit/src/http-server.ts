import 'reflect-metadata';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { RETRY_RULE, TocsinError, type ErrorCode } from '@tocsin/errors';
import type { Logger } from '@tocsin/observability';
import { PROBES, ProbesController, type Probes } from './probes.controller.js';
import type { HttpRoute } from './service.js';

/** Bytes of a request body; more is refused. */
const MAX_BODY = 64 * 1024;
/** ms for a whole request to arrive. */
const REQUEST_TIMEOUT = 10_000;
/** ms for its headers. */
const HEADERS_TIMEOUT = 5_000;
/** Sockets of one process; a flood is refused by the system, not held in memory. */
const MAX_CONNECTIONS = 1_000;

const HTTP_STATUS: Readonly<Record<ErrorCode, number>> = {
  INVALID_ARGUMENT: 400,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  UNAUTHENTICATED: 401,
  FAILED_PRECONDITION: 409,
  RESOURCE_EXHAUSTED: 429,
  ABORTED: 409,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
  INTERNAL: 500,
};

export interface HttpServer {
  readonly port: number;
  /** Adds a service's own routes; they answer from then on. */
  mount(routes: readonly HttpRoute[]): void;
  close(): Promise<void>;
}

class HttpModule {}

/** The Nest application with the probes and, once mounted, a service's own routes. */
export async function openHttpServer(host: string, port: number, probes: Probes, logger: Logger): Promise<HttpServer> {
  const adapter = new ExpressAdapter();
  adapter.getInstance<{ disable(setting: string): void }>().disable('x-powered-by');
  const module = { module: HttpModule, controllers: [ProbesController], providers: [{ provide: PROBES, useValue: probes }] };
  // Bodies are read here, with one limit for every content type; Nest's parsers would be loaded for nothing.
  const app = await NestFactory.create(module, adapter, { logger: false, bodyParser: false, forceCloseConnections: true });
  // Nest answers what no route takes from its last handler; routes mounted later must come before it.
  const mounted: { method: string; match: RegExp; names: readonly string[]; route: HttpRoute }[] = [];
  app.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    for (const { method, match, names, route } of mounted) {
      const found = method === request.method ? match.exec(path) : null;
      if (!found) continue;
      answer(route, paramsOf(names, found), request, response, logger).catch((error: unknown) =>
        logger.error('http.answer.failed', { error }),
      );
      return;
    }
    next();
  });
  const server = app.getHttpServer() as Server;
  server.requestTimeout = REQUEST_TIMEOUT;
  server.headersTimeout = HEADERS_TIMEOUT;
  server.maxConnections = MAX_CONNECTIONS;
  await app.listen(port, host);
  return {
    port: (server.address() as AddressInfo).port,
    mount(routes) {
      for (const route of routes) mounted.push({ method: route.method, ...pattern(route.path), route });
    },
    close: () => app.close(),
  };
}

/** "/a/:id" as an expression and its parameter names. */
export function pattern(path: string): { match: RegExp; names: readonly string[] } {
  const names: string[] = [];
  const source = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:([A-Za-z]\w*)/g, (_all, name: string) => {
    names.push(name);
    return '([^/]+)';
  });
  return { match: new RegExp(`^${source}/?$`), names };
}

function paramsOf(names: readonly string[], found: RegExpExecArray): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, decoded(found[index + 1] ?? '')]));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function answer(
  route: HttpRoute,
  params: Readonly<Record<string, string>>,
  request: IncomingMessage,
  response: ServerResponse,
  logger: Logger,
): Promise<void> {
  try {
    const body = await readBody(request);
    const result = await route.handle({ params, body });
    if (result.retryAfter !== undefined) response.setHeader('retry-after', result.retryAfter);
    send(response, result.status, result.type, result.body);
  } catch (error) {
    if (!(error instanceof TocsinError)) logger.error('http.route.failed', { path: route.path, error });
    const known = error instanceof TocsinError ? error : new TocsinError('INTERNAL', 'DEFECT', 'This request met a defect.');
    if (RETRY_RULE[known.code].retryable) response.setHeader('retry-after', Math.ceil((known.retryAfterMs ?? 1_000) / 1_000));
    send(
      response,
      HTTP_STATUS[known.code],
      'application/json',
      JSON.stringify({ code: known.code, reason: known.reason, message: known.message }),
    );
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new TocsinError('INVALID_ARGUMENT', 'BODY_TOO_LARGE', `A body is at most ${MAX_BODY} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
