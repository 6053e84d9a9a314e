import { describe, expect, it } from 'vitest';
import { createLogger } from './create-logger.js';

function logged(use: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  use(
    createLogger({ service: 'routing', instanceId: 'routing-1', level: 'info', traceId: () => 'abc', write: (line) => lines.push(line) }),
  );
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('createLogger', () => {
  it('writes one JSON object a line with service, instance, trace, level and event', () => {
    const [line] = logged((logger) => logger.warn('plan.late', { plan: 7 }));
    expect(line).toMatchObject({ level: 'warn', service: 'routing', instance: 'routing-1', trace: 'abc', event: 'plan.late', plan: 7 });
    expect(line?.['time']).toMatch(/^\d{4}-.*Z$/);
  });

  it('drops what is below its level', () => {
    expect(logged((logger) => logger.debug('x'))).toEqual([]);
  });

  it('redacts event, fields and the fields of a child', () => {
    const lines = logged((logger) => {
      const child = logger.child({ peer: 'tok_a_b' });
      child.error('sent to 0612345678', { to: 'someone', error: new Error('jeanne@example.fr') });
    });
    expect(JSON.stringify(lines)).not.toMatch(/0612345678|jeanne|tok_a_b|someone/);
    expect(lines).toHaveLength(1);
  });
});
