import { Command } from 'commander';
import { addBackupCommands } from './backup/backup-commands.js';
import { addAuditCommands } from './audit/audit-commands.js';
import { bootstrap } from './bootstrap.js';
import { doctorCommand } from './doctor/doctor-command.js';
import { addCredentialCommands } from './credentials/credential-commands.js';
import { listLetters, replayLetters, topicsToRead } from './dead-letters.js';
import { withKafka, withStore } from './connections.js';
import type { Variables } from './environment.js';
import { type Answer, report } from './report.js';
import { addSiteCommands } from './sites/site-commands.js';

/** tocsin-admin: what an operator does beside the API. Exit codes: 0 done, 1 refused or failed, 2 command line not understood. */
export function buildProgram(variables: Variables): Command {
  const program = new Command('tocsin-admin')
    .description('Operates Tocsin beside its API, with the settings of its services (TOCSIN_...).')
    .option('--json', 'answer as one JSON object on the last line of the output')
    .exitOverride();
  const run = (work: () => Promise<Answer>): Promise<void> => report(work, program.opts<{ json?: boolean }>().json === true);

  program.addCommand(doctorCommand(variables, run));
  program
    .command('bootstrap')
    .description('make the first platform administrator, once, and write its API key into a new file that only its owner reads')
    .requiredOption('--out <file>', 'file for the key')
    .action(({ out }: { out: string }) =>
      run(() =>
        withStore(variables, async (connection) => {
          const result = await bootstrap(connection, out, Date.now());
          const lines = result.created
            ? [`The platform administrator is made. Its key is in ${out} and nowhere else: keep it.`]
            : [`The platform administrator was made before; the key in ${out} works.`];
          return { json: { ...result }, lines, ok: true };
        }),
      ),
    );

  const letters = program.command('dead-letters').description('records that could not be processed');
  letters
    .command('list')
    .description('list them, oldest first')
    .option('--topic <name...>', 'topics without prefix')
    .option('--channel <key...>', 'all topics of these channels')
    .action(({ topic, channel }: { topic?: string[]; channel?: string[] }) =>
      run(() =>
        withKafka(variables, async (connection) => {
          const listed = await listLetters(connection, topicsToRead(topic ?? [], channel ?? []));
          const lines = listed.map((letter) => {
            const state = letter.replayed ? 'replayed' : 'waiting';
            return `${letter.topic}  ${letter.id}  ${state}  ${letter.reason}  ${letter.groups.join(',')}  ${letter.detail}`;
          });
          return { json: { letters: listed }, lines: [...lines, `${listed.length} dead letters`], ok: true };
        }),
      ),
    );
  letters
    .command('replay')
    .description('send the records again; what was sent again before is left alone')
    .requiredOption('--topic <name>', 'topic without prefix')
    .option('--id <id...>', 'letters as listed')
    .option('--all', 'every letter of the topic')
    .action(({ topic, id, all }: { topic: string; id?: string[]; all?: boolean }) =>
      run(() =>
        withKafka(variables, async (connection) => {
          const outcomes = await replayLetters(connection, topic, id ?? [], all === true);
          const ok = outcomes.every(({ outcome }) => outcome === 'replayed' || outcome === 'already');
          return { json: { outcomes }, lines: outcomes.map((one) => `${one.id}  ${one.outcome}`), ok };
        }),
      ),
    );
  addAuditCommands(program, variables, run);
  addBackupCommands(program, variables, run);
  addSiteCommands(program, variables, run);
  addCredentialCommands(program, variables, run);
  return program;
}
