import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from 'commander';

/** The doctor needs Kafka, the store and the processes, none of which the public API shows: it is an operator's tool. */
const ADMIN = join(import.meta.dirname, '../../../admin/dist/main.js');

/** `tocsin doctor ...` is `tocsin-admin doctor ...` under the name people look for. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('say in sentences what is wrong with an installation (tocsin-admin doctor)')
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      const words = process.argv.slice(process.argv.indexOf('doctor') + 1);
      const json = process.argv.includes('--json') ? ['--json'] : [];
      const own = words.filter((word) => word !== '--json');
      const done = spawnSync(process.execPath, [ADMIN, ...json, 'doctor', ...own], { stdio: 'inherit' });
      process.exitCode = done.status ?? 1;
    });
}
