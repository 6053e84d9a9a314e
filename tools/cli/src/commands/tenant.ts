import type { Command } from 'commander';
import { TenantKind, type Tenant } from '@tocsin/contracts/tenants/v1/tenant';
import { inContext } from '../command-context.js';
import { collect, enumName, enumValue, wholeNumber } from '../option-values.js';
import { all, pages } from '../pages.js';
import { CALL } from '../platform.js';
import { table } from '../text/table.js';
import { tenantView } from '../views/tenant-view.js';
import { limitsOf, type LimitOptions } from './tenant-limits.js';

interface CreateOptions extends LimitOptions {
  readonly name: string;
  readonly kind: string;
  readonly insee?: string;
  readonly weight: string;
  readonly approvalThreshold: string;
  readonly smsSender?: string;
  readonly mailFrom?: string;
  readonly recipientDays?: string;
}

interface UpdateOptions extends LimitOptions {
  readonly weight?: string;
  readonly approvalThreshold?: string;
  readonly smsSender?: string;
  readonly mailFrom?: string;
  readonly recipientDays?: string;
}

function recipientDays(options: UpdateOptions): { readonly recipientDays?: number } {
  return options.recipientDays === undefined ? {} : { recipientDays: wholeNumber('--recipient-days', options.recipientDays, 0, 3_660) };
}

export function addTenantCommands(program: Command): void {
  const tenant = program.command('tenant').description('authorities that alert: communes, prefectures...');
  withLimits(tenant.command('create').description('make a tenant (platform administrators)'))
    .requiredOption('--name <name>', 'as residents know it')
    .option('--kind <kind>', 'commune, department, prefecture...', 'commune')
    .option('--insee <code>', 'INSEE code of a commune')
    .option('--weight <1-100>', 'fair part of a lane', '1')
    .option('--approval-threshold <recipients>', 'above it a second person approves; 0 = always', '0')
    .option('--sms-sender <text>', 'at most 11 letters and digits')
    .option('--mail-from <mailbox>', 'mailbox of the sender')
    .option('--recipient-days <days>', 'days the recipients of an ended campaign are kept: 31 to 3660; 0 = as the platform does')
    .action((options: CreateOptions, command: Command) =>
      inContext(command, async ({ platform, output, idempotencyKey }) => {
        const answer = await platform.tenants.createTenant(
          {
            idempotencyKey,
            name: options.name,
            kind: enumValue(TenantKind, '--kind', options.kind),
            inseeCode: options.insee ?? '',
            weight: wholeNumber('--weight', options.weight, 1, 100),
            approvalThreshold: wholeNumber('--approval-threshold', options.approvalThreshold, 0, 10_000_000),
            smsSender: options.smsSender ?? '',
            mailFrom: options.mailFrom ?? '',
            ...recipientDays(options),
            limits: limitsOf(options),
          },
          CALL,
        );
        show(answer.tenant, output);
      }),
    );
  withLimits(tenant.command('update <id>').description('change what is given of a tenant (platform administrators)'))
    .option('--weight <1-100>', 'fair part of a lane')
    .option('--approval-threshold <recipients>', 'above it a second person approves; 0 = always')
    .option('--sms-sender <text>', 'at most 11 letters and digits')
    .option('--mail-from <mailbox>', 'mailbox of the sender')
    .option('--recipient-days <days>', 'days the recipients of an ended campaign are kept: 31 to 3660; 0 = as the platform does')
    .action((id: string, options: UpdateOptions, command: Command) =>
      inContext(command, async ({ platform, output }) => {
        const { tenant: before } = await platform.tenants.getTenant({ tenantId: id }, CALL);
        const { weight, approvalThreshold, smsSender, mailFrom } = options;
        const limits = limitsOf(options, before);
        const answer = await platform.tenants.updateTenant(
          {
            tenantId: id,
            version: before?.version ?? 0,
            ...(weight === undefined ? {} : { weight: wholeNumber('--weight', weight, 1, 100) }),
            ...(approvalThreshold === undefined
              ? {}
              : { approvalThreshold: wholeNumber('--approval-threshold', approvalThreshold, 0, 10_000_000) }),
            ...(smsSender === undefined ? {} : { smsSender }),
            ...(mailFrom === undefined ? {} : { mailFrom }),
            ...recipientDays(options),
            ...(limits === undefined ? {} : { limits }),
          },
          CALL,
        );
        show(answer.tenant, output);
      }),
    );
  tenant
    .command('list')
    .description('every tenant (platform administrators)')
    .action((_options: unknown, command: Command) =>
      inContext(command, async ({ platform, output }) => {
        const tenants = await all(
          pages(async (pageToken) => {
            const answer = await platform.tenants.listTenants({ pageSize: 500, pageToken }, CALL);
            return { items: answer.tenants, next: answer.nextPageToken };
          }),
        );
        output.result({ tenants: tenants.map(tenantView) }, () => table(['id', 'name', 'kind', 'insee', 'weight'], tenants.map(row)));
      }),
    );
  tenant
    .command('show [id]')
    .description("one tenant, the key's own by default")
    .action((id: string | undefined, _options: unknown, command: Command) =>
      inContext(command, async ({ platform, output, tenantId }) => {
        const answer = await platform.tenants.getTenant({ tenantId: id ?? tenantId }, CALL);
        show(answer.tenant, output);
      }),
    );
}

function withLimits(command: Command): Command {
  return command
    .option('--life-safety-units <units>', 'at once in the life-safety lane, back over 24 h; 0 = 3 for each recipient of its largest alert')
    .option(
      '--quota <channel=units/day>',
      'the most on a channel a day, or a minute with /min; several times; replaces the former ones, 0 = none',
      collect,
    );
}

function show(tenant: Tenant | undefined, output: { result(value: object, lines: () => readonly string[]): void }): void {
  output.result({ tenant: tenant ? tenantView(tenant) : null }, () =>
    tenant ? table(['id', 'name', 'kind', 'insee', 'weight'], [row(tenant)]) : [],
  );
}

function row(tenant: Tenant): (string | number)[] {
  return [tenant.tenantId, tenant.name, enumName(TenantKind, tenant.kind), tenant.inseeCode, tenant.weight];
}
