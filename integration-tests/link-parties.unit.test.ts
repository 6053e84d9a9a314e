import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import {
  CALLERS,
  DATABASE_OWNERS,
  KAFKA_USERS,
  TOPICS,
  accessRules,
  channelTopicSpecs,
  mayCall,
  type AccessOperation,
} from '@tocsin/contracts';
import { repositoryRoot } from '@tocsin/testing';

const ROOT = repositoryRoot();
const SERVICES = readdirSync(join(ROOT, 'services')).filter((name) => !name.startsWith('channel-'));
const main = (service: string): string => readFileSync(join(ROOT, 'services', service, 'src/main.ts'), 'utf8');

/** "<package>.<Service>/<Method>" of every proto. */
const METHODS = readdirSync(join(ROOT, 'proto/tocsin'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.proto'))
  .flatMap((path) => {
    const text = readFileSync(join(ROOT, 'proto/tocsin', path), 'utf8');
    const name = /^package ([\w.]+);/m.exec(text)?.[1] ?? '';
    return [...text.matchAll(/^service (\w+) \{([^]*?)^\}/gm)].flatMap(([, service = '', body = '']) =>
      [...body.matchAll(/^ {2}rpc (\w+)\(/gm)].map(([, method = '']) => `${name}.${service}/${method}`),
    );
  });

describe('the tables of who may do what on a link, and the code', () => {
  it.each(METHODS)('somebody may call %s', (method) => {
    expect([...SERVICES, 'channel-sms'].filter((caller) => mayCall(caller, method))).not.toEqual([]);
  });

  it.each(Object.keys(CALLERS))('%s exists', (row) => {
    expect(METHODS.filter((method) => method === row || method.startsWith(`${row}/`))).not.toEqual([]);
  });

  it.each(SERVICES)('%s is let in exactly where it calls', (caller) => {
    const called = [...main(caller).matchAll(/service: '(\w+)', addresses/g)].map(([, peer = '']) => peer);
    const open = METHODS.filter((method) => mayCall(caller, method)).map((method) => method.split('.')[1] ?? '');
    expect([...new Set(open)].toSorted()).toEqual([...new Set(called)].toSorted());
  });

  it('every service that opens the store has a user for its own database, and no other', () => {
    const opens = SERVICES.filter((service) =>
      main(service).includes(`connectMongo(platform.mongo, \`\${platform.databasePrefix}${service}\``),
    );
    expect(opens.toSorted()).toEqual(DATABASE_OWNERS.toSorted());
    expect(SERVICES.filter((service) => main(service).includes('connectMongo('))).toEqual(opens);
  });

  it('every service that connects to Kafka has a user', () => {
    expect(SERVICES.filter((service) => main(service).includes('connectKafka(')).toSorted()).toEqual(KAFKA_USERS.toSorted());
  });

  it('docs/links.md says the same: run this test with -u to write its table anew', async () => {
    const path = join(ROOT, 'docs/links.md');
    const MARK = '<!-- rules: written by integration-tests/link-parties.unit.test.ts -u -->';
    const [head = ''] = readFileSync(path, 'utf8').split(MARK);
    const rules = accessRules(['sms'], '');
    const who = (topic: string, operation: AccessOperation): string =>
      rules
        .filter(({ name, operations }) => name === topic && operations.includes(operation))
        .map(({ user }) => user)
        .join(', ');
    const topics = [...Object.values(TOPICS), ...channelTopicSpecs('sms', 1)].map(({ name }) => name);
    const rows = topics.map((name) => `| \`${name}\` | ${who(name, 'write')} | ${who(name, 'read')} |`);
    const table = ['| topic | writes | reads |', '| --- | --- | --- |', ...rows].join('\n');
    const style = JSON.parse(readFileSync(join(ROOT, '.prettierrc'), 'utf8')) as object;
    await expect(await format(`${head}${MARK}\n\n${table}\n`, { ...style, parser: 'markdown' })).toMatchFileSnapshot(path);
  });
});
