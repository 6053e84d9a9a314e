import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardFile, dashboardText } from './files.js';
import { DASHBOARDS } from './tables.js';

const root = join(import.meta.dirname, '../../..');
for (const dashboard of DASHBOARDS) {
  writeFileSync(join(root, dashboardFile(dashboard)), dashboardText(dashboard));
  process.stdout.write(`${dashboardFile(dashboard)}\n`);
}
