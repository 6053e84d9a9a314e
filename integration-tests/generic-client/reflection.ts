import {
  credentials,
  Metadata,
  type Client,
  type ClientReadableStream,
  type GrpcObject,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { GrpcReflection } from 'grpc-js-reflection-client';

/** Milliseconds a call of this partner may take. */
const CALL_DEADLINE = 30_000;

type Row = Record<string, unknown>;

/** A partner that knows an address and a key and nothing else: what it calls, it learned by reflection. */
export class ReflectionPartner {
  private readonly clients = new Map<string, Client>();
  private readonly address: string;
  private readonly metadata = new Metadata();

  constructor(address: string, key: string) {
    this.address = address;
    this.metadata.set('authorization', `Bearer ${key}`);
  }

  async services(): Promise<string[]> {
    const reflection = new GrpcReflection(this.address, credentials.createInsecure(), {}, 'v1');
    return (await reflection.listServices()) as string[];
  }

  async call(service: string, method: string, request: Row): Promise<Row> {
    const client = await this.client(service);
    return await new Promise<Row>((resolve, reject) => {
      method_(client, method).call(
        client,
        request,
        this.metadata,
        { deadline: Date.now() + CALL_DEADLINE },
        (error: Error | null, answer: Row) => (error ? reject(error) : resolve(answer)),
      );
    });
  }

  /** Sends every part, answers every message. */
  async exchange(service: string, method: string, parts: readonly Row[]): Promise<Row[]> {
    const client = await this.client(service);
    const stream = method_(client, method).call(client, this.metadata, {
      deadline: Date.now() + CALL_DEADLINE,
    }) as ClientReadableStream<Row> & {
      write(part: Row): void;
      end(): void;
    };
    for (const part of parts) stream.write(part);
    stream.end();
    return await collect(stream);
  }

  async stream(service: string, method: string, request: Row): Promise<Row[]> {
    const client = await this.client(service);
    return await collect(method_(client, method).call(client, request, this.metadata) as ClientReadableStream<Row>);
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
  }

  private async client(service: string): Promise<Client> {
    const known = this.clients.get(service);
    if (known) return known;
    const reflection = new GrpcReflection(this.address, credentials.createInsecure(), {}, 'v1');
    const descriptor = await reflection.getDescriptorBySymbol(service);
    let place: GrpcObject | ServiceClientConstructor = descriptor.getPackageObject({
      longs: Number,
      enums: String,
      defaults: true,
      oneofs: true,
      keepCase: true,
    });
    for (const name of service.split('.')) place = (place as GrpcObject)[name] as GrpcObject | ServiceClientConstructor;
    const client = new (place as ServiceClientConstructor)(this.address, credentials.createInsecure());
    this.clients.set(service, client);
    return client;
  }
}

type Method = (this: Client, ...args: unknown[]) => unknown;

function method_(client: Client, name: string): Method {
  const found = (client as unknown as Record<string, Method | undefined>)[name];
  if (!found) throw new Error(`reflection names no method ${name}`);
  return found;
}

async function collect(stream: ClientReadableStream<Row>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of stream) rows.push(row as Row);
  return rows;
}
