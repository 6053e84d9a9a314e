import { createServer, type IncomingMessage, type Server } from 'node:http';
import { turn } from './knobs.js';
import type { StandInSmsc } from './smsc.js';

/** Bytes of a body at most. */
const MAX_BODY = 1_048_576;

interface Inbound {
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/** GET /ready, GET /stats, POST /knobs {name: value}, POST /receipts {count, copies}, POST /mo {from, to, text} or a list of them. Loopback only. */
export function openHttp(smsc: StandInSmsc, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    answer(smsc, request).then(
      ([status, body]) => response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`),
      (error: unknown) => response.writeHead(400).end(`${error instanceof Error ? error.message : 'bad request'}\n`),
    );
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

async function answer(smsc: StandInSmsc, request: IncomingMessage): Promise<[status: number, body: unknown]> {
  switch (`${request.method} ${request.url}`) {
    case 'GET /ready':
      return [200, { standIn: 'smsc', ready: true }];
    case 'GET /stats':
      return [
        200,
        { standIn: 'smsc', ...smsc.counts, ...smsc.storm.counts, binds: smsc.binds, peakPerSecond: smsc.peak, knobs: smsc.knobs },
      ];
    case 'POST /knobs': {
      const wrong = turn(smsc.knobs, (await readJson(request)) as Record<string, unknown>);
      if (smsc.knobs.down) smsc.hangUp();
      return wrong === undefined ? [200, smsc.knobs] : [400, { error: wrong }];
    }
    case 'POST /receipts': {
      const { count, copies } = (await readJson(request)) as Record<string, unknown>;
      return [200, { sent: smsc.storm.release(Number(count), Number(copies)) }];
    }
    case 'POST /mo': {
      const body = (await readJson(request)) as Inbound | readonly Inbound[];
      const list = Array.isArray(body) ? (body as readonly Inbound[]) : [body as Inbound];
      const sent = list.filter((one) => smsc.inbound(String(one.from), String(one.to), String(one.text))).length;
      return [sent === list.length ? 200 : 503, { sent }];
    }
    default:
      return [404, { error: 'not found' }];
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error('body too large');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
}
