/** First of the ports tabled in docs/architecture.md; TOCSIN_STACK_PORTS_FROM moves all of them together. */
export const DEFAULT_FIRST_PORT = 7400;

/** Offsets from the first port. Channels name their own in stack.json of their folder. */
export const GROUND_OFFSETS = { kafka: 0, controller: 1, store: 2, internal: 3 } as const;

export const SERVICE_OFFSETS: Readonly<Record<string, { readonly grpc?: number; readonly http: number }>> = {
  gateway: { grpc: 10, http: 11 },
  tenants: { grpc: 20, http: 21 },
  subscribers: { grpc: 22, http: 23 },
  campaigns: { grpc: 24, http: 25 },
  routing: { http: 27 },
  deliveries: { grpc: 28, http: 29 },
};

/** Where channels without ports of their own are put, in folder order. */
export const UNTABLED_OFFSETS = { first: 44, last: 49 } as const;

/** How far above the first instance of a service its second one listens. */
export const SECOND_INSTANCE_OFFSET = 50;

export function firstPort(env: NodeJS.ProcessEnv): number {
  const text = env['TOCSIN_STACK_PORTS_FROM'];
  return text === undefined ? DEFAULT_FIRST_PORT : Number(text);
}
