import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, loadPackageDefinition, Metadata, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import { createChannel, createClient } from 'nice-grpc';
import { ServerReflectionService } from 'nice-grpc-server-reflection';
import { ServerReflectionRequest } from 'nice-grpc-server-reflection/lib/proto/grpc/reflection/v1/reflection_pb.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Caller, DirectoryServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';
import { createObservability } from '@tocsin/observability';
import { onBehalfOf, serviceCaller } from './caller.js';
import { openGrpcChannel } from './client.js';
import { type GrpcServer, serve, startGrpcServer } from './server.js';
import type { ServerTls } from './server-tls.js';

const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' });
const directory = serve(DirectoryServiceDefinition, {
  authenticate: async ({ secret }) => ({ principal: undefined, roles: [], keyId: `key of ${secret}` }),
  appendAudit: async () => ({ entryId: '' }),
});

describe('a client that knows nothing of Tocsin', () => {
  let server: GrpcServer;
  let address = '';
  beforeAll(async () => {
    server = await startGrpcServer({ host: '127.0.0.1', port: 0, services: [directory], authenticate: 'caller' }, deps);
    address = `127.0.0.1:${server.port}`;
  });
  afterAll(() => server.drain(1_000));

  async function reflect(request: ServerReflectionRequest) {
    const channel = createChannel(address);
    const client = createClient(ServerReflectionService, channel);
    const requests = (async function* () {
      yield request;
    })();
    try {
      for await (const response of client.serverReflectionInfo(requests)) return response;
      throw new Error('no answer');
    } finally {
      channel.close();
    }
  }

  it('lists the services, fetches their descriptors and calls one', async () => {
    const list = await reflect(new ServerReflectionRequest().setListServices(''));
    const names = list
      .getListServicesResponse()
      ?.getServiceList()
      .map((service) => service.getName());
    expect(names).toEqual(['tocsin.tenants.v1.DirectoryService']);

    const found = await reflect(new ServerReflectionRequest().setFileContainingSymbol('tocsin.tenants.v1.DirectoryService'));
    const files = new Map<string, Uint8Array>();
    for (const bytes of found.getFileDescriptorResponse()?.getFileDescriptorProtoList_asU8() ?? []) files.set(String(files.size), bytes);
    for (const name of ['tocsin/tenants/v1/tenant.proto', 'tocsin/common/v1/common.proto']) {
      const dependency = await reflect(new ServerReflectionRequest().setFileByFilename(name));
      for (const bytes of dependency.getFileDescriptorResponse()?.getFileDescriptorProtoList_asU8() ?? []) files.set(name, bytes);
    }
    const set = Buffer.concat([...files.values()].map((bytes) => Buffer.concat([Buffer.from([0x0a]), varint(bytes.length), bytes])));
    const definition = loadPackageDefinition(loadFileDescriptorSetFromBuffer(set)) as unknown as {
      tocsin: { tenants: { v1: { DirectoryService: ServiceClientConstructor } } };
    };
    const client = new definition.tocsin.tenants.v1.DirectoryService(address, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set('tocsin-caller-bin', Buffer.from(Caller.encode(serviceCaller('generic')).finish()));
    const call = client['authenticate']?.bind(client) as unknown as (...given: unknown[]) => void;
    const answer = await new Promise((resolve, reject) => {
      const done = (error: unknown, value: unknown) => (error ? reject(error as Error) : resolve(value));
      call({ secret: 'x' }, metadata, { deadline: Date.now() + 5_000 }, done);
    });
    client.close();
    expect(answer).toMatchObject({ key_id: 'key of x' });
  });

  it('that sends damaged bytes gets an error, and the server lives on', async () => {
    const raw = new Client(address, credentials.createInsecure());
    const send = (bytes: Buffer): Promise<number> =>
      new Promise((resolve) => {
        const options = { deadline: Date.now() + 5_000 };
        raw.makeUnaryRequest(
          '/tocsin.tenants.v1.DirectoryService/Authenticate',
          (value: Buffer) => value,
          (value) => value,
          bytes,
          new Metadata(),
          options,
          (error) => resolve(error?.code ?? 0),
        );
      });
    const nested = Buffer.concat(Array.from({ length: 21_000 }, () => Buffer.from([0x0b])));
    for (const bytes of [Buffer.from('0affffffff0f', 'hex'), Buffer.from('ff', 'hex'), nested, Buffer.alloc(5 * 1024 * 1024)]) {
      expect(await send(bytes)).toBeGreaterThan(0);
    }
    raw.close();
    const channel = openGrpcChannel({ addresses: [address] }, deps);
    const answer = await channel.client(DirectoryServiceDefinition).authenticate({ secret: 'y' }, onBehalfOf(serviceCaller('t'), 5_000));
    channel.close();
    expect(answer.keyId).toBe('key of y');
  });
});

describe('mutual TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-tls-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => join(folder, name);

  /** A throw-away authority and a certificate for 127.0.0.1 that it signed. */
  function makeCertificates(): void {
    const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl('req', '-x509', ...fresh, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=tocsin-test-ca');
    openssl('req', ...fresh, '-keyout', 'peer.key', '-out', 'peer.csr', '-subj', '/CN=gateway', '-addext', 'subjectAltName=IP:127.0.0.1');
    const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-copy_extensions', 'copy'];
    openssl('x509', '-req', '-in', 'peer.csr', '-out', 'peer.pem', ...sign);
  }

  it('serves a client with a certificate of the authority, refuses one without, and never speaks in the clear', async () => {
    makeCertificates();
    const tls: ServerTls = { certificate: at('peer.pem'), key: at('peer.key'), ca: at('ca.pem') };
    const server = await startGrpcServer({ host: '127.0.0.1', port: 0, services: [directory], authenticate: 'caller', tls }, deps);
    const ask = async (clientTls?: { ca?: string; certificate?: string; key?: string }): Promise<string> => {
      const channel = openGrpcChannel({ addresses: [`127.0.0.1:${server.port}`], ...(clientTls ? { tls: clientTls } : {}) }, deps);
      const options = onBehalfOf(serviceCaller('t'), 1_500);
      try {
        return (await channel.client(DirectoryServiceDefinition).authenticate({ secret: 'z' }, options)).keyId;
      } catch (error) {
        return String((error as { code?: string }).code);
      } finally {
        channel.close();
      }
    };
    expect(await ask({ ca: at('ca.pem'), certificate: at('peer.pem'), key: at('peer.key') })).toBe('key of z');
    expect(await ask({ ca: at('ca.pem') })).not.toBe('key of z');
    expect(await ask()).not.toBe('key of z');
    await server.drain(1_000);
    const missing = { ...tls, key: at('none.key') };
    await expect(
      startGrpcServer({ host: '127.0.0.1', port: 0, services: [directory], authenticate: 'caller', tls: missing }, deps),
    ).rejects.toMatchObject({ message: expect.stringContaining('none.key') });
    expect(readFileSync(at('ca.pem'), 'utf8')).toContain('BEGIN CERTIFICATE');
  });
});

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}
