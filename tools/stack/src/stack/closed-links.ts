import { join } from 'node:path';
import { DATABASE_OWNERS } from '@tocsin/contracts';
import { TocsinError } from '@tocsin/errors';
import { credentialFiles, linkEnvironment } from '@tocsin/sealing/credentials';
import { runTool } from '../job/run-tool.js';
import type { Ground, GroundKind } from './ground.js';
import { HERE, type Place } from './layout.js';
import type { StackPaths } from './paths.js';

/** Making thirty key pairs takes a second; telling three brokers, with elections under way, some more. */
const TOOL_DEADLINE_MS = 60_000;

export type CredentialStep = 'trust' | 'replace' | 'forget';

/** TOCSIN_STACK_LINKS: "open" by default, "closed" to have every link closed (docs/links.md). */
export function areLinksClosed(env: NodeJS.ProcessEnv): boolean {
  const text = env['TOCSIN_STACK_LINKS'] ?? 'open';
  if (text !== 'open' && text !== 'closed') {
    throw new TocsinError('INVALID_ARGUMENT', 'LINKS', `TOCSIN_STACK_LINKS is "${text}": set it to open or closed.`);
  }
  return text === 'closed';
}

export interface ClosedLinksOptions {
  readonly paths: StackPaths;
  readonly channels: readonly string[];
  /** Addresses of all places. */
  readonly hosts: readonly string[];
  readonly tools: Place;
}

/** Certificates, users and rights of one stack, made and replaced by the operator's own commands. */
export class ClosedLinks {
  readonly dir: string;

  constructor(private readonly options: ClosedLinksOptions) {
    this.dir = join(options.paths.state, 'credentials');
  }

  /** Before the ground starts, and before its network is there. */
  async prepare(ground: GroundKind): Promise<void> {
    if (ground !== 'embedded') {
      throw new TocsinError(
        'INVALID_ARGUMENT',
        'LINKS',
        `TOCSIN_STACK_LINKS=closed closes the embedded ground; with TOCSIN_GROUND=${ground} give the services their own TOCSIN_KAFKA_* and TOCSIN_MONGO_*.`,
      );
    }
    await this.#admin(['make', ...this.#options()], {}, HERE);
  }

  /** A step of replacing everything; files are in place when it resolves, and read within a second by those who run. */
  async step(step: CredentialStep): Promise<void> {
    await this.#admin([step, ...this.#options()], {}, HERE);
  }

  /** Tells Kafka the passwords and rights of the folder as it is; the embedded store reads it by itself. */
  async apply(ground: Pick<Ground, 'internalBrokers'>): Promise<void> {
    const { ca, certificate, key } = credentialFiles(this.dir, 'admin');
    await this.#admin(
      ['apply', ...this.#options()],
      {
        TOCSIN_KAFKA_BROKERS: (ground.internalBrokers ?? []).join(','),
        TOCSIN_KAFKA_CA: ca,
        TOCSIN_KAFKA_CERTIFICATE: certificate,
        TOCSIN_KAFKA_KEY: key,
      },
      this.options.tools,
    );
  }

  /** Settings with which a service proves who it is, on every link. */
  environment(service: string): Readonly<Record<string, string>> {
    return linkEnvironment(this.dir, service, service === 'admin' || DATABASE_OWNERS.includes(service));
  }

  #options(): readonly string[] {
    const { channels, hosts } = this.options;
    return ['--out', this.dir, ...channels.flatMap((key) => ['--channel', key]), ...hosts.flatMap((host) => ['--host', host])];
  }

  async #admin(args: readonly string[], env: Readonly<Record<string, string>>, place: Place): Promise<void> {
    const script = join(this.options.paths.root, 'tools', 'admin', 'dist', 'main.js');
    await runTool(script, ['credentials', ...args], env, TOOL_DEADLINE_MS, place);
  }
}
