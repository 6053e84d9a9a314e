import type { Place } from '../stack/layout.js';
import type { Fabric } from './fabric.js';
import type { PlaceName } from './links.js';

/** A process of a place is started in its namespace and keeps its process id: what is signalled is the process itself. */
export function placeOf(fabric: Fabric, name: PlaceName): Place {
  const { host, namespace } = fabric.place(name);
  return {
    name,
    host,
    rack: name === 'provider' ? undefined : name,
    wrap: (command, args) => ({ command: 'nsenter', args: [`--net=/run/netns/${namespace}`, '--', command, ...args] }),
  };
}
