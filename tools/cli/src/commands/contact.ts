import type { Command } from 'commander';
import { inContext } from '../command-context.js';
import { registerKind } from '../option-values.js';
import { CALL } from '../platform.js';
import { table } from '../text/table.js';
import { UsageError } from '../usage-error.js';

interface ContactOptions {
  readonly register: string;
  readonly yes?: boolean;
}

export function addContactCommands(program: Command): void {
  const contact = program.command('contact').description('one person in a register');
  contact
    .command('show <id>')
    .description('fields and addresses; every look is written down')
    .option('--register <kind>', 'general, vulnerable, plp', 'general')
    .action((id: string, options: ContactOptions, command: Command) =>
      inContext(command, async ({ platform, output, tenantId }) => {
        const answer = await platform.registers.getContact({ tenantId, register: registerKind(options.register), contactId: id }, CALL);
        const { contact: found } = answer;
        output.result({ contact: found ?? null }, () => [
          ...Object.entries(found?.fields ?? {}).map(([name, value]) => `${name}: ${value}`),
          ...table(
            ['channel', 'address', 'consent', 'STOP'],
            (found?.addresses ?? []).map((row) => [row.channel, row.address, row.consented ? 'yes' : 'no', row.stopped ? 'STOP' : '']),
          ),
          `groups: ${(found?.groups ?? []).join(', ')}`,
        ]);
      }),
    );
  contact
    .command('erase <id>')
    .description('erase a person; a STOP keeps only its hash')
    .option('--register <kind>', 'general, vulnerable, plp', 'general')
    .option('--yes', 'this cannot be undone, and I mean it')
    .action((id: string, options: ContactOptions, command: Command) => {
      if (options.yes !== true) throw new UsageError('Erasing cannot be undone: say --yes.');
      return inContext(command, async ({ platform, output, tenantId }) => {
        await platform.registers.eraseContact({ tenantId, register: registerKind(options.register), contactId: id }, CALL);
        output.result({ erased: id }, () => [`${id} erased`]);
      });
    });
}
