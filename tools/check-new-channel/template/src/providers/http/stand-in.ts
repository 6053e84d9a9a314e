import { createServer, type Server } from 'node:http';

/** How the stand-in misbehaves. */
export interface StandInKnobs {
  /** Answered to every submission instead of 202. */
  status?: number;
  /** Milliseconds before each answer. */
  slowMs?: number;
}

/** A stand-in for the provider: takes everything, remembers delivery ids, misbehaves on demand. */
export async function startStandIn(
  port: number,
  knobs: StandInKnobs = {},
): Promise<{ server: Server; port: number; accepted: string[]; knobs: StandInKnobs }> {
  const accepted: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const status = knobs.status ?? 202;
      if (status === 202) accepted.push((JSON.parse(Buffer.concat(chunks).toString('utf8')) as { deliveryId: string }).deliveryId);
      setTimeout(() => response.writeHead(status).end(), knobs.slowMs ?? 0);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  return { server, port: typeof address === 'object' && address ? address.port : port, accepted, knobs };
}
