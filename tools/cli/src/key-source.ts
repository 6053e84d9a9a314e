import { readFileSync } from 'node:fs';
import { UsageError } from './usage-error.js';

/** The key to call with: --key-file, then TOCSIN_API_KEY_FILE, then TOCSIN_API_KEY. Never an argument: arguments are seen by everybody on the machine. */
export function findKey(keyFile: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  const file = keyFile ?? env['TOCSIN_API_KEY_FILE'];
  if (file !== undefined && file !== '') return readKey(file);
  const key = env['TOCSIN_API_KEY']?.trim();
  if (key !== undefined && key !== '') return key;
  throw new UsageError('No key: give --key-file FILE, or set TOCSIN_API_KEY_FILE or TOCSIN_API_KEY.');
}

function readKey(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch {
    throw new UsageError(`The key file ${file} cannot be read.`);
  }
  if (text === '' || /\s/.test(text)) throw new UsageError(`The key file ${file} must hold one key and nothing else.`);
  return text;
}
