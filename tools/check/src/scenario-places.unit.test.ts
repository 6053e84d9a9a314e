import { describe, expect, it } from 'vitest';
import { scenarioPlaces } from './scenario-places.js';

const file = (name: string, ...statuses: string[]) => ({
  name: `/clone/integration-tests/${name}.test.ts`,
  assertionResults: statuses.map((status) => ({ status })),
});

describe('which scenarios ran where', () => {
  it('names each place with its files and their passed tests', () => {
    const files = [
      file('upgrade.e2e', 'passed', 'passed'),
      file('image.e2e', 'passed', 'failed'),
      file('containers.int', 'passed'),
      file('sites.e2e', 'passed'),
      file('chart.int', 'passed'),
    ];
    expect(scenarioPlaces(files)).toBe(
      'Scenarios: in containers containers.int (1), image.e2e (1); in network namespaces sites.e2e (1); as processes upgrade.e2e (2)',
    );
  });

  it('says of one that was skipped that it did not run', () => {
    expect(scenarioPlaces([file('image.e2e', 'pending')])).toBe('Scenarios: in containers image.e2e (not run)');
  });
});
