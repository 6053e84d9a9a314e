import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import type { Command } from 'commander';
import { Role, type ApiKey } from '@tocsin/contracts/tenants/v1/tenant';
import { inContext } from '../command-context.js';
import { collect, enumValue, moment } from '../option-values.js';
import { all, pages } from '../pages.js';
import { CALL } from '../platform.js';
import { table } from '../text/table.js';
import { UsageError } from '../usage-error.js';
import { keyView, roleNames, when } from '../views/tenant-view.js';

interface IssueOptions {
  readonly principal: string;
  readonly label: string;
  readonly scope?: readonly string[];
  readonly expires?: string;
  readonly out?: string;
}

export function addKeyCommands(program: Command): void {
  const key = program.command('key').description('keys of the API');
  key
    .command('issue')
    .description('issue a key; it is shown once')
    .requiredOption('--principal <id>', 'whose key')
    .option('--label <text>', 'to tell keys apart', 'cli')
    .option('--scope <role>', 'only these of its roles; several times', collect)
    .option('--expires <time>', 'such as +90d; never by default')
    .option('--out <file>', 'write the key there (readable by its owner only) instead of showing it')
    .action((options: IssueOptions, command: Command) =>
      inContext(command, async ({ platform, output, idempotencyKey, tenantId }) => {
        const request = {
          idempotencyKey,
          tenantId,
          principalId: options.principal,
          label: options.label,
          scopes: (options.scope ?? []).map((role) => enumValue(Role, '--scope', role)),
          expiresAt: options.expires === undefined ? 0 : moment('--expires', options.expires, Date.now()),
        };
        // The file is made before the key, so that a key is never shown to nobody.
        const file = options.out === undefined ? undefined : newOwnerFile(options.out);
        const answer = await platform.tenants.issueKey(request, CALL).catch((error: unknown) => {
          if (options.out !== undefined) rmSync(options.out);
          throw error;
        });
        if (file !== undefined) {
          writeSync(file, `${answer.secret}\n`);
          closeSync(file);
        }
        const shown = file === undefined ? { secret: answer.secret } : { file: options.out };
        output.result({ key: answer.key ? keyView(answer.key) : null, ...shown }, () => [
          ...lines(answer.key ? [answer.key] : []),
          file === undefined ? answer.secret : `written to ${options.out}`,
        ]);
      }),
    );
  key
    .command('list')
    .description('keys of the tenant, without their secrets')
    .action((_options: unknown, command: Command) =>
      inContext(command, async ({ platform, output, tenantId }) => {
        const keys = await all(
          pages(async (pageToken) => {
            const answer = await platform.tenants.listKeys({ tenantId, pageSize: 500, pageToken }, CALL);
            return { items: answer.keys, next: answer.nextPageToken };
          }),
        );
        output.result({ keys: keys.map(keyView) }, () => lines(keys));
      }),
    );
  key
    .command('revoke <id>')
    .description('refuse a key from now on (everywhere within 5 s)')
    .action((id: string, _options: unknown, command: Command) =>
      inContext(command, async ({ platform, output, tenantId }) => {
        const answer = await platform.tenants.revokeKey({ tenantId, keyId: id }, CALL);
        output.result({ key: answer.key ? keyView(answer.key) : null }, () => lines(answer.key ? [answer.key] : []));
      }),
    );
}

function newOwnerFile(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch {
    throw new UsageError(`--out ${path} cannot be made: it exists, or its folder does not.`);
  }
}

function lines(keys: readonly ApiKey[]): string[] {
  return table(
    ['id', 'principal', 'label', 'scopes', 'expires', 'revoked'],
    keys.map((key) => [key.keyId, key.principalId, key.label, roleNames(key.scopes).join(','), when(key.expiresAt), when(key.revokedAt)]),
  );
}
