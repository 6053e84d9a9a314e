// node tools/stack/bootstrap.mjs -- <command...>: installs, builds and runs a command with our Node and the packages' commands first in the PATH.
import { handOver, installAndBuild } from './install.mjs';

const dashes = process.argv.indexOf('--', 2);
const [command, ...args] = process.argv.slice(dashes < 0 ? 2 : dashes + 1);
installAndBuild();
if (command === undefined) console.error('Installed and built; a command after -- would run now.');
else handOver(command, args);
