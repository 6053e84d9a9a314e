import { TocsinError } from '@tocsin/errors';

/** TOCSIN_STACK_INSTANCES: 1 by default, 2 to have every service twice (tests do). */
export function instancesOf(env: NodeJS.ProcessEnv): 1 | 2 {
  const text = env['TOCSIN_STACK_INSTANCES'] ?? '1';
  if (text !== '1' && text !== '2') {
    throw new TocsinError('INVALID_ARGUMENT', 'INSTANCES', `TOCSIN_STACK_INSTANCES is "${text}": set it to 1 or 2.`);
  }
  return text === '1' ? 1 : 2;
}
