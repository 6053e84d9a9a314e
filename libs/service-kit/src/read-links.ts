import { TocsinError } from '@tocsin/errors';
import { LINK_SETTINGS, linkFaults, linksOf } from './link-settings.js';
import { readSettings, type Environment } from './read-settings.js';

/** How a tool reaches Kafka and the store with the variables of the services; throws TocsinError FAILED_PRECONDITION naming every fault. */
export function readLinks(environment: Environment): ReturnType<typeof linksOf> {
  const read = readSettings('', LINK_SETTINGS, environment);
  const faults = read.faults.length > 0 ? read.faults : linkFaults(read.values);
  if (faults.length === 0) return linksOf(read.values);
  const sentences = faults.map(({ variable: name, problem }) => `${name} ${problem}.`);
  throw new TocsinError('FAILED_PRECONDITION', 'SETTING_FAULTY', sentences.join(' '));
}
