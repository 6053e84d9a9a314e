import { describe, expect, it } from 'vitest';
import { LINK_ENDS, LINK_NAMES, PLACE_NAMES } from './links.js';
import { networkPlan } from './network-plan.js';

const plan = networkPlan(7400, 7402);

describe("the network of a stretched stack's places", () => {
  it('gives every place an address in 127/8 and no route to anything else', () => {
    const hosts = PLACE_NAMES.map((name) => plan.places[name].host);
    expect(new Set(hosts).size).toBe(PLACE_NAMES.length);
    for (const host of hosts) expect(host).toMatch(/^127\.28\.232\.[1-4]$/);
    expect(plan.setUp.flat()).not.toContain('default via');
    expect(plan.setUp.some((words) => words.includes('route'))).toBe(false);
  });

  it('names nothing that another first port names', () => {
    const other = networkPlan(17400, 17402);
    expect(other.namespaces.filter((name) => plan.namespaces.includes(name))).toEqual([]);
    expect(other.rootLink).not.toBe(plan.rootLink);
    expect(plan.rootLink.length).toBeLessThan(16);
  });

  it.each(LINK_NAMES)('takes away exactly the filters that cut %s', (link) => {
    const put = plan.filters(LINK_ENDS[link], '-I').map((words) => words.join(' '));
    const taken = plan.filters(LINK_ENDS[link], '-D').map((words) => words.join(' '));
    expect(put.map((command) => command.replace(' -I ', ' -D '))).toEqual(taken);
    // The database is one port at the witness, cut at the site alone; any other link is cut at both ends and in both directions.
    expect(put).toHaveLength(LINK_ENDS[link].storeOnly ? 2 : 4);
    expect(put.every((command) => command.includes('7402') === LINK_ENDS[link].storeOnly)).toBe(true);
  });
});
