import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { groundFault } from './ground-fault.js';

/** Kafka 4 refuses to run on anything older. */
const LEAST_JAVA = 17;
/** A JVM prints its version in 0.1 s; a machine under load may take long. */
const VERSION_DEADLINE_MS = 20_000;

const run = promisify(execFile);

/** The command of a Java >= 17: that of JAVA_HOME, else of the PATH. Throws JAVA_MISSING or JAVA_TOO_OLD. */
export async function findJava(): Promise<string> {
  const home = process.env['JAVA_HOME'];
  const command = home === undefined || home === '' ? 'java' : `${home}/bin/java`;
  let answer: string;
  try {
    const { stderr, stdout } = await run(command, ['-version'], { timeout: VERSION_DEADLINE_MS });
    answer = `${stderr}${stdout}`;
  } catch (failure) {
    throw groundFault(
      'JAVA_MISSING',
      `Java is missing (${command} does not run): install Java 17 or newer, e.g. apt-get install openjdk-17-jdk-headless.`,
      failure,
    );
  }
  const major = javaMajor(answer);
  if (major === undefined || major < LEAST_JAVA) {
    throw groundFault(
      'JAVA_TOO_OLD',
      `Java ${major ?? 'of an unknown version'} is too old for Kafka: install Java 17 or newer, or point JAVA_HOME at one.`,
    );
  }
  return command;
}

/** 8 from `version "1.8.0_392"`, 17 from `version "17.0.15"`; undefined when the text names none. */
export function javaMajor(versionText: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(versionText);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}
