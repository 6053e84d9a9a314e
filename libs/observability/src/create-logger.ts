import { pino, type BaseLogger } from 'pino';
import type { Logger } from './logger.js';
import { redactFields, redactText } from './redact.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LoggerOptions {
  readonly service: string;
  readonly instanceId: string;
  readonly level: LogLevel;
  /** Trace id of the active span, '' when there is none. */
  readonly traceId?: () => string;
  /** Where lines go, stdout when absent; tests read them. */
  readonly write?: (line: string) => void;
}

/**
 * JSON lines on stdout: time, level, service, instance, event and fields, every value redacted. Lines are written at once and
 * in order, so that the last words of a dying process are not lost.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { write, traceId } = options;
  const sink = write ? { write } : pino.destination({ dest: 1, sync: true });
  const root = pino(
    {
      level: options.level,
      base: { service: options.service, instance: options.instanceId },
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      ...(traceId ? { mixin: () => named('trace', traceId()) } : {}),
    },
    sink,
  );
  return wrap(root);
}

function named(name: string, value: string): Record<string, string> {
  return value === '' ? {} : { [name]: value };
}

/** The part of pino used here; its full type depends on custom levels. */
type PinoLogger = Pick<BaseLogger, LogLevel> & {
  isLevelEnabled(level: string): boolean;
  child(fields: Record<string, unknown>): PinoLogger;
};

function wrap(target: PinoLogger): Logger {
  const log = (level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>): void => {
    if (!target.isLevelEnabled(level)) return;
    target[level](fields === undefined ? {} : redactFields(fields), redactText(event));
  };
  return {
    debug: (event, fields) => log('debug', event, fields),
    info: (event, fields) => log('info', event, fields),
    warn: (event, fields) => log('warn', event, fields),
    error: (event, fields) => log('error', event, fields),
    child: (fields) => wrap(target.child(redactFields(fields))),
  };
}
