import { groundKind, startGroundOf, type Ground, type GroundOptions } from './ground.js';

/** A command and how it is written where its process runs. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** Where a process runs: this machine, or a part of it with a network of its own. */
export interface Place {
  /** "here", or a site's letter. */
  readonly name: string;
  /** Address that processes there listen on, and that those of other places reach them at. */
  readonly host: string;
  /** Its name to Kafka; readers are served from the copy there. Undefined where there is but one place. */
  readonly rack: string | undefined;
  readonly wrap: (command: string, args: readonly string[]) => Command;
}

/** What runs where. Whatever the layout, every port of the plan is reached at 127.0.0.1 of the machine as well. */
export interface Layout {
  /** Where the instances of each service run: the first, the second. */
  readonly instances: readonly Place[];
  /** Where the stand-ins run that play providers. */
  readonly providers: Place;
  /** Every address that anything of the stack is reached at: certificates are good for these. */
  readonly hosts: readonly string[];
  /** Where our own tools run that reach Kafka and the store. */
  readonly tools: Place;
  startGround(options: GroundOptions): Promise<Ground>;
  /** Makes these ports reachable at 127.0.0.1, where they are not. */
  reach(ports: readonly { readonly place: Place; readonly port: number }[]): Promise<void>;
  /** More of the environment a service is started with; whoever rehearses faults moves its clock so. */
  environment?(service: string): Readonly<Record<string, string>>;
  /** Once everything is ready: what an operator does once, with `tocsin-admin`. */
  settle?(admin: (args: readonly string[]) => Promise<void>): Promise<void>;
  /** After the last process has ended. */
  close(): Promise<void>;
}

export const HERE: Place = { name: 'here', host: '127.0.0.1', rack: undefined, wrap: (command, args) => ({ command, args }) };

/** Everything on this machine's loopback, each service once or twice. */
export function oneHost(env: NodeJS.ProcessEnv, instances: number): Layout {
  return {
    instances: Array.from({ length: instances }, () => HERE),
    providers: HERE,
    hosts: [HERE.host],
    tools: HERE,
    startGround: (options) => startGroundOf(groundKind(env), options),
    reach: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

/** Words before a command that is to run at a place; none where it runs as it is. */
export function prefixOf({ wrap }: Place): readonly string[] {
  const { command, args } = wrap('', []);
  const words = [command, ...args];
  return words.slice(0, words.indexOf(''));
}
