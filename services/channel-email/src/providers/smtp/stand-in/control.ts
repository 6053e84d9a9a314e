import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** Bytes of a request's body at most. */
const MAX_BODY_BYTES = 4096;

export interface Control {
  ready(): boolean;
  stats(): object;
  /** The last mails taken: delivery id and where a one-click unsubscribe is posted. */
  mails(): readonly object[];
  /** Answers what is wrong with the body, if anything. */
  turn(body: string): string | undefined;
}

/** The stand-in's own HTTP: GET /ready, GET /stats, GET /mails, POST /knobs. */
export function controlServer(control: Control): Server {
  return createServer((request, response) => {
    answer(control, request)
      .then(({ status, body }) => send(response, status, body))
      .catch(() => send(response, 500, { error: 'The request could not be read.' }));
  });
}

async function answer(control: Control, request: IncomingMessage): Promise<{ status: number; body: object }> {
  const route = `${request.method} ${request.url}`;
  if (route === 'GET /ready') return control.ready() ? { status: 200, body: { ready: true } } : { status: 503, body: { ready: false } };
  if (route === 'GET /stats') return { status: 200, body: control.stats() };
  if (route === 'GET /mails') return { status: 200, body: { mails: control.mails() } };
  if (route !== 'POST /knobs') return { status: 404, body: { error: 'Only GET /ready, GET /stats, GET /mails and POST /knobs.' } };
  let body = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    body += chunk.toString('utf8');
    if (body.length > MAX_BODY_BYTES) return { status: 413, body: { error: `Above ${MAX_BODY_BYTES} bytes.` } };
  }
  const error = control.turn(body);
  return error === undefined ? { status: 200, body: control.stats() } : { status: 400, body: { error } };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify({ standIn: 'smtp', ...body })}\n`);
}
