import { join } from 'node:path';
import { oneHost } from '../../../stack/dist/stack/layout.js';
import { GROUND_OFFSETS, SECOND_INSTANCE_OFFSET, SERVICE_OFFSETS, firstPort } from '../../../stack/dist/stack/port-plan.js';
import { Supervisor } from '../../../stack/dist/stack/supervisor.js';
import { isInRoom } from '../room/private-room.js';
import { Clocks } from './clocks.js';
import { LoopbackLinks } from './loopback-links.js';
import { SmallDisks } from './small-disks.js';
import { CHANNEL_INSTANCES, INSTANCES, StackTarget } from './stack-target.js';
import { chaosPaths, chaosEnv, diskSizes, type TargetOptions } from './target-options.js';

const BROKER = 'kafka';
const STORE = 'document store';

/** Every service twice on this machine, one broker, one document store: the first instances are one "site", the second ones the other. */
export function singleHost(options: TargetOptions): StackTarget {
  const paths = chaosPaths(options.tree);
  const env = { ...chaosEnv(), TOCSIN_STACK_INSTANCES: '2' };
  const clocks = Clocks.library === undefined ? undefined : new Clocks(join(paths.state, 'clocks'));
  const layout = { ...oneHost(env, 2), environment: (name: string) => clocks?.env(name) ?? {} };
  const supervisor = new Supervisor(paths, env, { progress: options.say, broken: options.broken }, true, layout);
  const ports = linkPorts(firstPort(env), supervisor);
  const sizes = diskSizes(options.minutes, 1);
  return new StackTarget({
    kind: 'single-host',
    supervisor,
    sites: ['1', '2'],
    groundAt: (name) => ({ host: '127.0.0.1', port: firstPort(env) + (name === BROKER ? GROUND_OFFSETS.kafka : GROUND_OFFSETS.store) }),
    siteOfGround: () => '',
    subjects: {
      'any-service': INSTANCES,
      channel: CHANNEL_INSTANCES,
      site: ['1', '2'],
      broker: [BROKER],
      store: [STORE],
      provider: ['sms', 'sms', 'email'],
      'sms-provider': ['sms'],
      'clocked-service': INSTANCES,
      link: Object.keys(ports),
    },
    links: isInRoom() ? new LoopbackLinks(ports) : undefined,
    clocks,
    disks: isInRoom()
      ? {
          control: new SmallDisks(),
          wanted: [
            { name: BROKER, folder: join(paths.groundData, 'kafka'), mebibytes: sizes.broker },
            { name: STORE, folder: join(paths.groundData, 'store'), mebibytes: sizes.store },
          ],
        }
      : undefined,
  });
}

/** Links by name: the port whose packets are dropped. */
function linkPorts(first: number, supervisor: Supervisor): Readonly<Record<string, number>> {
  const services = Object.entries(SERVICE_OFFSETS).flatMap(([name, { grpc }]) =>
    grpc === undefined || name === 'gateway'
      ? []
      : [
          [name, first + grpc],
          [`${name}-2`, first + grpc + SECOND_INSTANCE_OFFSET],
        ],
  );
  const providers = supervisor.channels.flatMap(({ channel, standIn }) =>
    standIn === undefined ? [] : [[`${channel}-provider`, first + standIn.offset]],
  );
  return Object.fromEntries([
    [BROKER, first + GROUND_OFFSETS.kafka],
    [STORE, first + GROUND_OFFSETS.store],
    ...providers,
    ...services,
  ]) as Record<string, number>;
}
