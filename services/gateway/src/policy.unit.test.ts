import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Role } from '@tocsin/contracts/tenants/v1/tenant';
import { POLICY, policyOf, requireCompletePolicy } from './policy.js';
import { publicRpcs, PUBLIC_SERVICES } from './public-services.js';

const PROTOS = new URL('../../../proto/tocsin/', import.meta.url).pathname;

/** Services whose proto says "// Public:" above them, by full name. */
function servicesSaidPublic(): string[] {
  return readdirSync(PROTOS, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.proto'))
    .flatMap((name) => {
      const text = readFileSync(join(PROTOS, name), 'utf8');
      const pack = /^package ([\w.]+);/m.exec(text)?.[1] ?? '';
      return [...text.matchAll(/^\/\/ Public:.*\n(?:\/\/.*\n)*service (\w+)/gm)].map((found) => `${pack}.${found[1]}`);
    });
}

const MUTATING = /\/(Create|Update|Disable|Issue|Revoke|Import|Erase|Approve|Release|Pause|Resume|Stop)/;

describe('the policy table', () => {
  it('the gateway serves exactly the services that their protos call public', () => {
    expect(PUBLIC_SERVICES.map(({ definition }) => definition.fullName as string).toSorted()).toEqual(servicesSaidPublic().toSorted());
  });

  it('has a row for every public RPC and no other', () => {
    expect(() => requireCompletePolicy()).not.toThrow();
    expect(Object.keys(POLICY).toSorted()).toEqual(publicRpcs().toSorted());
  });

  it('an RPC without a row stops the gateway, and so does a row without an RPC', () => {
    expect(() => requireCompletePolicy([...publicRpcs(), 'tocsin.x.v1.X/New'])).toThrow(/tocsin\.x\.v1\.X\/New/);
    expect(() => requireCompletePolicy(publicRpcs().slice(1))).toThrow(/no RPC for/);
    expect(() => policyOf('tocsin.x.v1.X/New')).toThrow(/no row/);
    expect(() => policyOf('constructor')).toThrow(/no row/);
  });

  it('the platform’s own people never touch registers, campaigns or reports', () => {
    const others = Object.keys(POLICY).filter((rpc) => !rpc.startsWith('tocsin.tenants.v1.'));
    expect(others.length).toBeGreaterThan(10);
    expect(others.filter((rpc) => policyOf(rpc).roles.includes(Role.PLATFORM_ADMIN))).toEqual([]);
  });

  it('a page costs its tenant more than a point read: it holds hundreds of them', () => {
    const paged = publicRpcs().filter((rpc) => policyOf(rpc).pageSize > 0);
    expect(paged.length).toBeGreaterThan(5);
    expect(paged.filter((rpc) => policyOf(rpc).cost < 5)).toEqual([]);
  });

  it('only a person approves', () => {
    // Making people and their keys counts as approving: whoever can, could approve through them.
    for (const rpc of [
      'campaigns.v1.CampaignsService/ApproveCampaign',
      'tenants.v1.TenantsService/CreatePrincipal',
      'tenants.v1.TenantsService/IssueKey',
    ]) {
      expect(policyOf(`tocsin.${rpc}`).who).toBe('agents');
    }
  });

  it('whatever changes something is audited, and personal data leaves only once that is written down', () => {
    const changing = publicRpcs().filter((rpc) => MUTATING.test(rpc));
    expect(changing.length).toBeGreaterThan(10);
    expect(changing.filter((rpc) => policyOf(rpc).audit === 'never')).toEqual([]);
    expect(policyOf('tocsin.subscribers.v1.RegistersService/GetContact').audit).toBe('before-answer');
  });
});
