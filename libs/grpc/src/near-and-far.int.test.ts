import { afterEach, expect, it } from 'vitest';
import { DirectoryServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError } from '@tocsin/errors';
import { createObservability } from '@tocsin/observability';
import { onBehalfOf, serviceCaller } from './caller.js';
import { type GrpcChannel, openGrpcChannel } from './client.js';
import { type GrpcServer, serve, startGrpcServer } from './server.js';

const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' });
const caller = onBehalfOf({ ...serviceCaller('test'), tenantId: 'ten_1' }, 20_000);
const opened: { channel: GrpcChannel | undefined; servers: Set<GrpcServer> } = { channel: undefined, servers: new Set() };
afterEach(async () => {
  opened.channel?.close();
  await Promise.all([...opened.servers].map((server) => server.drain(500)));
  opened.servers.clear();
});

/** A server that says its name, or that it is not there for now. */
async function start(name: string, isAway: () => boolean, port = 0): Promise<GrpcServer> {
  const server = await startGrpcServer(
    {
      host: '127.0.0.1',
      port,
      authenticate: 'caller',
      services: [
        serve(DirectoryServiceDefinition, {
          authenticate: () => Promise.reject(new Error('not in this test')),
          appendAudit: () =>
            isAway() ? Promise.reject(new TocsinError('UNAVAILABLE', 'STORE_UNAVAILABLE', 'Away.')) : Promise.resolve({ entryId: name }),
        }),
      ],
    },
    deps,
  );
  opened.servers.add(server);
  return server;
}

it('calls instances of its own site, those of the other while none of them answers or can, and its own again after', async () => {
  let away = false;
  const near = await start('near', () => away);
  const far = await start('far', () => false);
  const addresses = { near: [`127.0.0.1:${near.port}`], far: [`127.0.0.1:${far.port}`] };
  opened.channel = openGrpcChannel({ addresses }, deps);
  const client = opened.channel.client(DirectoryServiceDefinition);
  const answering = async (): Promise<string> => (await client.appendAudit({ entry: undefined }, caller)).entryId;
  const round = async (): Promise<ReadonlySet<string>> => {
    const answers = new Set<string>();
    for (let call = 0; call < 6; call += 1) answers.add(await answering());
    return answers;
  };

  expect(await round()).toEqual(new Set(['near']));
  away = true;
  expect(await answering()).toBe('far');
  away = false;
  await expect.poll(answering, { timeout: 20_000 }).toBe('near');
  expect(await round()).toEqual(new Set(['near']));

  await near.drain(500);
  opened.servers.delete(near);
  expect(await round()).toEqual(new Set(['far']));
  await start('near', () => false, near.port);
  await expect.poll(answering, { timeout: 20_000 }).toBe('near');
});
