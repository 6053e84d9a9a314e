import { Command } from 'commander';
import { addAuditCommands } from './commands/audit.js';
import { addDecisionCommands } from './commands/campaign-decisions.js';
import { addOutcomeCommands } from './commands/campaign-outcome.js';
import { addDraftCommands } from './commands/campaign.js';
import { addContactCommands } from './commands/contact.js';
import { addDoctorCommand } from './commands/doctor.js';
import { addKeyCommands } from './commands/key.js';
import { addOperationsCommands } from './commands/operations.js';
import { addPrincipalCommands } from './commands/principal.js';
import { addRegisterCommands } from './commands/register.js';
import { addTenantCommands } from './commands/tenant.js';
import { withGlobalOptions } from './command-context.js';

const HELP_END = `
Exit codes: 0 done, 1 refused or failed, 2 written wrongly, 3 unknown key or not allowed, 4 not found, 5 not reachable or busy.`;

/** The whole command line; nothing is called before it is parsed. */
export function buildProgram(): Command {
  const program = withGlobalOptions(new Command('tocsin').description('alerts of municipalities, by the public API of a Tocsin'));
  program.addHelpText('after', HELP_END).showHelpAfterError('(--help shows how it is written)');
  addTenantCommands(program);
  addPrincipalCommands(program);
  addKeyCommands(program);
  addRegisterCommands(program);
  addContactCommands(program);
  const campaign = program.command('campaign').description('from a draft to its report');
  addDraftCommands(campaign);
  addDecisionCommands(campaign);
  addOutcomeCommands(campaign);
  addAuditCommands(program);
  addOperationsCommands(program);
  addDoctorCommand(program);
  return acceptGlobalsAnywhere(program);
}

/** "--json" and the like may stand after the subcommand, where people write them. */
function acceptGlobalsAnywhere(program: Command): Command {
  for (const command of leaves(program)) withGlobalOptions(command);
  return program;
}

function leaves(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}
