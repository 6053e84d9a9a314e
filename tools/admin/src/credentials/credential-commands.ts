import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { accessRules } from '@tocsin/contracts';
import {
  credentialFiles,
  forgetOldAuthority,
  makeCredentials,
  replaceEverything,
  trustNextAuthority,
  type CredentialOptions,
} from '@tocsin/sealing/credentials';
import { withKafka } from '../connections.js';
import { storeEnvironment, topicPrefix, type Variables } from '../environment.js';
import type { Run } from '../report.js';
import { applyToKafka, applyToStore } from './apply-credentials.js';
import { credentialOptions, type GivenOptions } from './credential-options.js';

const DAY_MS = 86_400_000;

interface Step {
  readonly name: string;
  readonly description: string;
  readonly work: (options: CredentialOptions) => string;
}

const STEPS: readonly Step[] = [
  {
    name: 'make',
    description: 'make what is missing, and anew what expires soon: an authority, a certificate and passwords for each service',
    work: (options) => {
      const { certificates, passwords } = makeCredentials(options);
      return `Certificates made: ${listed(certificates)}. Passwords made: ${listed(passwords)}.`;
    },
  },
  {
    name: 'trust',
    description: 'first step of replacing everything: make the next authority and trust it beside the current one',
    work: (options) => {
      trustNextAuthority(options);
      return 'Both authorities are trusted: hand out the files, then take the step replace.';
    },
  },
  {
    name: 'replace',
    description: 'second step: every certificate, key and password anew',
    work: (options) => {
      const { certificates } = replaceEverything(options);
      return `Replaced: ${listed(certificates)}. Hand out the files, apply the passwords, then take the step forget.`;
    },
  },
  {
    name: 'forget',
    description: 'last step: the old authority is trusted no more',
    work: (options) => {
      forgetOldAuthority(options);
      return 'The old authority is trusted no more: hand out the files.';
    },
  },
];

/** `credentials make | trust | replace | forget | apply | list | rules`: how links are closed and kept so (docs/links.md). */
export function addCredentialCommands(program: Command, variables: Variables, run: Run): void {
  const credentials = program.command('credentials').description('certificates and passwords of services, brokers and the document store');
  const prefix = variables['TOCSIN_DATABASE_PREFIX'] || 'tocsin_';
  const withOptions = (command: Command): Command =>
    command
      .requiredOption('--out <dir>', 'folder of the credentials')
      .option('--channel <key...>', 'channels that are installed')
      .option('--host <name...>', 'host names and addresses anything is reached at, beside 127.0.0.1')
      .option('--days <n>', 'days a certificate is valid (90)');
  const optionsOf = (given: GivenOptions): CredentialOptions => credentialOptions(given, prefix, Date.now());

  for (const { name, description, work } of STEPS) {
    withOptions(credentials.command(name).description(description)).action((given: GivenOptions) =>
      run(() => {
        const sentence = work(optionsOf(given));
        return Promise.resolve({ json: { step: name }, lines: [sentence], ok: true });
      }),
    );
  }

  withOptions(credentials.command('apply'))
    .description('tell Kafka, as an administrator, every password of the folder and what each user may do; with --store MongoDB too')
    .option('--store', 'MongoDB as well; the embedded store reads the folder itself')
    .action((given: GivenOptions & { store?: boolean }) =>
      run(async () => {
        const options = optionsOf(given);
        const kafka = await withKafka(variables, (connection) =>
          applyToKafka(connection, options, given.channel ?? [], topicPrefix(variables)),
        );
        const store = given.store === true ? await applyToStore(storeEnvironment(variables).store, options) : [];
        return { json: { applied: [...kafka, ...store] }, lines: [...kafka, ...store], ok: true };
      }),
    );

  withOptions(credentials.command('list'))
    .description('list certificates with the days they are still valid')
    .action((given: GivenOptions) =>
      run(() => {
        const rows = optionsOf(given).names.map((name) => {
          const certificate = new X509Certificate(readFileSync(credentialFiles(given.out, name).certificate));
          const days = Math.floor((certificate.validToDate.getTime() - Date.now()) / DAY_MS);
          return { name, serial: certificate.serialNumber, days };
        });
        const lines = rows.map(({ name, serial, days }) => `${name.padEnd(20)} ${serial}  ${days < 0 ? 'EXPIRED' : `${days} days`}`);
        return Promise.resolve({ json: { certificates: rows }, lines, ok: rows.every(({ days }) => days >= 0) });
      }),
    );

  credentials
    .command('rules')
    .description('print what each user may do on Kafka, for whoever gives the rights by other means')
    .option('--channel <key...>', 'channels that are installed')
    .action(({ channel }: { channel?: string[] }) =>
      run(() => {
        const rules = accessRules(channel ?? [], topicPrefix(variables));
        const lines = rules.map(({ user, resource, name, operations }) => `${user}  ${resource}  ${name}  ${operations.join(',')}`);
        return Promise.resolve({ json: { rules }, lines, ok: true });
      }),
    );
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
