import { cpSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const KEY = /^[a-z][a-z0-9-]{1,30}$/;

/** Writes services/channel-<key> from the template and the chart's one value; answers the paths it made or changed. */
export function scaffold(root: string, key: string): string[] {
  if (!KEY.test(key)) throw new Error(`"${key}" is no channel key: 2 to 31 lower-case letters, digits and dashes, a letter first.`);
  const folder = join('services', `channel-${key}`);
  if (existsSync(join(root, folder))) throw new Error(`${folder} exists already.`);
  cpSync(join(root, 'tools/check-new-channel/template'), join(root, folder), { recursive: true });
  // Under its own name it would be a project of this tree, with a base that is elsewhere.
  renameSync(join(root, folder, 'tsconfig.template.json'), join(root, folder, 'tsconfig.json'));
  for (const path of filesBelow(join(root, folder))) {
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('__KEY__', key));
  }
  const values = join(root, 'charts/tocsin/values.yaml');
  writeFileSync(values, readFileSync(values, 'utf8').replace('channels:\n', `channels:\n  ${key}: { replicas: 2 }\n`));
  return [`${folder}/`, 'charts/tocsin/values.yaml'];
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
