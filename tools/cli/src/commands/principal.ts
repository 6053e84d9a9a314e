import type { Command } from 'commander';
import { PrincipalKind, Role, type Principal } from '@tocsin/contracts/tenants/v1/tenant';
import { inContext } from '../command-context.js';
import { collect, enumName, enumValue } from '../option-values.js';
import { all, pages } from '../pages.js';
import { CALL } from '../platform.js';
import { table } from '../text/table.js';
import { principalView, roleNames } from '../views/tenant-view.js';

interface CreateOptions {
  readonly name: string;
  readonly kind: string;
  readonly role: readonly string[];
}

export function addPrincipalCommands(program: Command): void {
  const principal = program.command('principal').description('who acts: people (agents) and programs (machines)');
  principal
    .command('create')
    .description('make a person or a program')
    .requiredOption('--name <name>', 'shown in audits')
    .option('--kind <kind>', 'agent or machine', 'agent')
    .requiredOption('--role <role>', 'platform-admin, tenant-admin, registrar, author, approver, reader; several times', collect)
    .action((options: CreateOptions, command: Command) =>
      inContext(command, async ({ platform, output, idempotencyKey, tenantId }) => {
        const request = {
          idempotencyKey,
          tenantId,
          kind: enumValue(PrincipalKind, '--kind', options.kind),
          displayName: options.name,
          roles: options.role.map((role) => enumValue(Role, '--role', role)),
        };
        const answer = await platform.tenants.createPrincipal(request, CALL);
        output.result({ principal: answer.principal ? principalView(answer.principal) : null }, () =>
          lines(answer.principal ? [answer.principal] : []),
        );
      }),
    );
  principal
    .command('list')
    .description('everybody who acts for the tenant')
    .action((_options: unknown, command: Command) =>
      inContext(command, async ({ platform, output, tenantId }) => {
        const principals = await all(
          pages(async (pageToken) => {
            const answer = await platform.tenants.listPrincipals({ tenantId, pageSize: 500, pageToken }, CALL);
            return { items: answer.principals, next: answer.nextPageToken };
          }),
        );
        output.result({ principals: principals.map(principalView) }, () => lines(principals));
      }),
    );
}

function lines(principals: readonly Principal[]): string[] {
  return table(
    ['id', 'name', 'kind', 'roles', 'state'],
    principals.map(({ principalId, displayName, kind, roles, disabled }) => [
      principalId,
      displayName,
      enumName(PrincipalKind, kind),
      roleNames(roles).join(','),
      disabled ? 'disabled' : '',
    ]),
  );
}
