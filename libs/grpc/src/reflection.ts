import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Server } from 'nice-grpc';
import { ServerReflection, ServerReflectionService } from 'nice-grpc-server-reflection';

/** Built by `buf build` beside the generated code. */
const IMAGE = '@tocsin/contracts/descriptors/tocsin.binpb';

let image: Buffer | undefined;

/** Lets any generic client list and call these services; `services` are full names of the checked-in descriptor image. */
export function addReflection(server: Server, services: readonly string[]): void {
  image ??= readFileSync(createRequire(import.meta.url).resolve(IMAGE));
  server.add(ServerReflectionService, ServerReflection(image, services));
}
