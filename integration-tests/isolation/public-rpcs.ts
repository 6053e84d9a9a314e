import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CampaignsServiceDefinition } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { ReportsServiceDefinition } from '@tocsin/contracts/deliveries/v1/reports_service';
import { RegistersServiceDefinition } from '@tocsin/contracts/subscribers/v1/registers_service';
import { OperationsServiceDefinition } from '@tocsin/contracts/tenants/v1/operations_service';
import { TenantsServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';
import type { GrpcChannel } from '@tocsin/grpc';
import { repositoryRoot } from '@tocsin/testing';

const DEFINITIONS = [
  TenantsServiceDefinition,
  OperationsServiceDefinition,
  RegistersServiceDefinition,
  CampaignsServiceDefinition,
  ReportsServiceDefinition,
] as const;

/** Full names of the RPCs of every service that its proto calls public, read from the protos themselves. */
export function rpcsSaidPublic(): string[] {
  const folder = join(repositoryRoot(), 'proto');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.proto'))
    .flatMap((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const pack = /^package ([\w.]+);/m.exec(text)?.[1] ?? '';
      return [...text.matchAll(/^\/\/ Public:.*\n(?:\/\/.*\n)*service (\w+) \{([\s\S]*?)^\}/gm)].flatMap(([, service, body]) =>
        [...(body ?? '').matchAll(/^\s+rpc (\w+)\(/gm)].map(([, method]) => `${pack}.${service}/${method}`),
      );
    })
    .toSorted();
}

/** Calls any public RPC by its name; a stream is read to its first message. Resolves when it was answered, rejects with the TocsinError. */
export async function callRpc(channel: GrpcChannel, rpc: string, request: object, deadlineMs: number): Promise<void> {
  const [service, method] = rpc.split('/');
  const definition = DEFINITIONS.find((candidate) => candidate.fullName === service);
  if (definition === undefined) throw new Error(`${rpc}: no definition; add it to DEFINITIONS`);
  const found = Object.entries(definition.methods).find(([, shape]) => shape.name === method);
  if (found === undefined) throw new Error(`${rpc}: no such method in its definition`);
  const [name, shape] = found;
  const client = channel.client(definition) as unknown as Record<string, (request: unknown, options: { deadlineMs: number }) => unknown>;
  const call = client[name];
  if (call === undefined) throw new Error(`${rpc}: no such method in its client`);
  const sent = shape.requestStream ? once(request) : request;
  if (!shape.responseStream) return void (await (call(sent, { deadlineMs }) as Promise<unknown>));
  for await (const _first of call(sent, { deadlineMs }) as AsyncIterable<unknown>) return;
}

async function* once(message: object): AsyncGenerator<object, void, undefined> {
  yield message;
}
