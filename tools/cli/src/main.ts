#!/usr/bin/env node
import { CommanderError, type Command } from 'commander';
import { EXIT } from './exit-codes.js';
import { describeFailure } from './failure.js';
import { buildProgram } from './program.js';
import { wordsIn } from './text/catalogue.js';

// "| head" closes the pipe: that is not a failure.
process.stdout.on('error', () => process.exit(EXIT.ok));

const program = buildProgram();
stopExits(program);
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Commander has already said what is wrong with the words; all else is said here, once. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const english = process.argv.some((word, at) => word === '--lang=en' || (word === 'en' && process.argv[at - 1] === '--lang'));
  const failure = describeFailure(error, wordsIn(english ? 'en' : 'fr'));
  const asJson = process.argv.includes('--json');
  process.stderr.write(asJson ? `${JSON.stringify(failure.json)}\n` : `${failure.lines.join('\n')}\n`);
  return failure.exitCode;
}

/** Exit codes are decided here and nowhere else. */
function stopExits(command: Command): void {
  command.exitOverride();
  command.commands.forEach(stopExits);
}
