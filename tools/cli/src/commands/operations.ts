import type { Command } from 'commander';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { ControlKind, ControlTarget, type OperatorControl } from '@tocsin/contracts/tenants/v1/operations_service';
import { inContext } from '../command-context.js';
import { enumValue, moment } from '../option-values.js';
import { CALL } from '../platform.js';
import { table } from '../text/table.js';
import { UsageError } from '../usage-error.js';
import { controlView } from '../views/control-view.js';
import { when } from '../views/tenant-view.js';

/** What a pair of commands holds and lets go; the words after the command are its arguments, in this order. */
interface Row {
  readonly hold: string;
  readonly release: string;
  readonly arguments: string;
  readonly description: string;
  target(first: string, second: string): ControlTarget;
}

const ROWS: readonly Row[] = [
  {
    hold: 'pause-lane',
    release: 'resume-lane',
    arguments: '<channel> <lane>',
    description: 'campaigns of a lane on a channel wait; a life-safety lane at most an hour',
    target: (channel, lane) => ControlTarget.fromPartial({ kind: ControlKind.PAUSE_LANE, channel, lane: enumValue(Lane, '<lane>', lane) }),
  },
  {
    hold: 'pause-route',
    release: 'resume-route',
    arguments: '<channel> <route>',
    description: 'nothing is handed to a route; the others of its channel go on',
    target: (channel, routeId) => ControlTarget.fromPartial({ kind: ControlKind.PAUSE_ROUTE, channel, routeId }),
  },
  {
    hold: 'set-rate',
    release: 'reset-rate',
    arguments: '<channel> <route>',
    description: 'a route goes at another rate than its settings say',
    target: (channel, routeId) => ControlTarget.fromPartial({ kind: ControlKind.ROUTE_RATE, channel, routeId }),
  },
  {
    hold: 'pause-campaign',
    release: 'resume-campaign',
    arguments: '<campaign>',
    description: 'a campaign waits, whatever its tenant decides; stopping it still works',
    target: (campaignId) => ControlTarget.fromPartial({ kind: ControlKind.PAUSE_CAMPAIGN, campaignId }),
  },
  {
    hold: 'suspend-tenant',
    release: 'resume-tenant',
    arguments: '<tenant>',
    description: "a tenant's keys are refused and all its campaigns wait",
    target: (tenantId) => ControlTarget.fromPartial({ kind: ControlKind.SUSPEND_TENANT, tenantId }),
  },
];

interface HoldOptions {
  readonly reason: string;
  readonly until?: string;
  readonly rate?: string;
}

/** tocsin platform: what operators hold and slow, live on every site; each call is in the platform's audit. */
export function addOperationsCommands(program: Command): void {
  const platform = program.command('platform').description('what operators hold or slow (platform administrators)');
  for (const row of ROWS) {
    holdCommand(platform, row);
    platform
      .command(`${row.release} ${row.arguments}`)
      .description(`ends ${row.hold}`)
      .requiredOption('--reason <text>', 'why, for the audit: 10 characters at least')
      .action((first: string, ...rest: unknown[]) => {
        const command = rest.at(-1) as Command;
        return inContext(command, async ({ platform: api, output }) => {
          const target = row.target(first, secondOf(rest));
          const { control } = await api.operations.liftControl({ target, reason: command.opts<HoldOptions>().reason }, CALL);
          show(control ? [control] : [], output);
        });
      });
  }
  platform
    .command('controls')
    .description('what is in force, who did it and why')
    .action((_options: unknown, command: Command) =>
      inContext(command, async ({ platform: api, output }) => {
        const { controls } = await api.operations.listControls({}, CALL);
        show(controls, output);
      }),
    );
}

function holdCommand(platform: Command, row: Row): void {
  const command = platform
    .command(`${row.hold} ${row.arguments}`)
    .description(row.description)
    .requiredOption('--reason <text>', 'why, for whoever finds it in force: 10 characters at least');
  if (row.hold === 'set-rate') command.requiredOption('--rate <units>', 'cost units a second of the whole route');
  if (row.hold !== 'suspend-tenant') command.option('--until <time>', 'ends by itself: 2026-12-01T08:00:00+01:00 or +2h');
  command.action((first: string, ...rest: unknown[]) =>
    inContext(command, async ({ platform: api, output }) => {
      const { reason, until, rate } = command.opts<HoldOptions>();
      const request = {
        target: row.target(first, secondOf(rest)),
        reason,
        until: until === undefined ? 0 : moment('--until', until, Date.now()),
        ratePerSecond: rate === undefined ? 0 : rateOf(rate),
      };
      const { control } = await api.operations.setControl(request, CALL);
      show(control ? [control] : [], output);
    }),
  );
}

/** The second argument where the command has one: what follows is its options and itself. */
function secondOf(rest: readonly unknown[]): string {
  return typeof rest[0] === 'string' ? rest[0] : '';
}

function rateOf(text: string): number {
  const rate = Number(text);
  if (Number.isFinite(rate) && rate > 0) return rate;
  throw new UsageError('--rate must be a number above 0, cost units a second.');
}

function show(controls: readonly OperatorControl[], output: { result(value: object, lines: () => readonly string[]): void }): void {
  output.result({ controls: controls.map(controlView) }, () =>
    table(
      ['control', 'rate', 'until', 'since', 'by', 'reason'],
      controls.map((control) => [
        control.lifted ? `${control.key} (lifted)` : control.key,
        control.ratePerSecond || '',
        control.until === 0 ? '' : when(control.until),
        when(control.setAt),
        control.setBy,
        control.reason,
      ]),
    ),
  );
}
