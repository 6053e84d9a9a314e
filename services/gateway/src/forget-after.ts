import { textAt } from './message-fields.js';
import type { KeyCache } from './key-cache.js';

/** What a revocation that passes through this gateway means for its memory: it holds here at once, elsewhere within the cache's time. */
export function forgetAfter(cache: KeyCache): (rpc: string, request: unknown) => void {
  return (rpc, request) => {
    switch (rpc) {
      case 'tocsin.tenants.v1.TenantsService/RevokeKey':
        cache.forget((caller) => caller.keyId === textAt(request, 'keyId'));
        break;
      case 'tocsin.tenants.v1.TenantsService/DisablePrincipal':
        cache.forget((caller) => caller.principalId === textAt(request, 'principalId'));
        break;
      default:
        break;
    }
  };
}
