import { describe, expect, it } from 'vitest';
import { TocsinError, invalidArgument, notFound, type ErrorCode } from '@tocsin/errors';
import { describeFailure } from './failure.js';
import { wordsIn } from './text/catalogue.js';
import { UsageError } from './usage-error.js';

const of = (code: ErrorCode): TocsinError => new TocsinError(code, 'REASON', 'One sentence.');

describe('what a script gets', () => {
  it.each([
    ['a wrong value', of('INVALID_ARGUMENT'), 1],
    ['a refused step', of('FAILED_PRECONDITION'), 1],
    ['the same key with another body', of('ALREADY_EXISTS'), 1],
    ['a lost race', of('ABORTED'), 1],
    ['a defect', of('INTERNAL'), 1],
    ['anything unforeseen', new Error('boom'), 1],
    ['a command written wrongly', new UsageError('x'), 2],
    ['no key or a wrong one', of('UNAUTHENTICATED'), 3],
    ['a role that is missing', of('PERMISSION_DENIED'), 3],
    ['nothing there', notFound('Campaign'), 4],
    ['nobody answers', of('UNAVAILABLE'), 5],
    ['too slow', of('DEADLINE_EXCEEDED'), 5],
    ['too busy', of('RESOURCE_EXHAUSTED'), 5],
  ])('%s', (_label, error, exitCode) => {
    expect(describeFailure(error).exitCode).toBe(exitCode);
  });

  it('names every wrong field on a line of its own', () => {
    const error = invalidArgument([
      { field: 'content.expires_at', description: 'is in the past' },
      { field: 'content.messages[0].body', description: 'unknown variable "nom"' },
    ]);
    expect(describeFailure(error).lines).toEqual([
      'Certaines valeurs ne sont pas acceptées : (INVALID_FIELDS)',
      '  - content.expires_at: is in the past',
      '  - content.messages[0].body: unknown variable "nom"',
    ]);
  });

  it('says when to try again', () => {
    const error = new TocsinError('RESOURCE_EXHAUSTED', 'KEY_BUSY', 'Busy.', { retryAfterMs: 1_200 });
    expect(describeFailure(error).lines).toEqual(['Trop d’appels en cours avec cette clé. (KEY_BUSY)', '  réessayez dans 2 s']);
    expect(describeFailure(error, wordsIn('en')).lines).toEqual(['Busy. (KEY_BUSY)', '  try again in 2 s']);
    expect(describeFailure(error).json).toMatchObject({ error: { retryAfterMs: 1_200 } });
  });
});

describe('what an agent reads, in French unless told otherwise', () => {
  it.each([
    [
      'a refusal by its reason',
      new TocsinError('FAILED_PRECONDITION', 'APPROVAL_MISSING', 'A second person must approve.'),
      /seconde personne/,
    ],
    [
      'a state by its name',
      new TocsinError('FAILED_PRECONDITION', 'WRONG_STATE', 'The campaign is running.', { metadata: { state: 'RUNNING' } }),
      /la campagne est en cours/,
    ],
    ['a thing that is not there', notFound('Campaign'), /Campagne introuvable/],
    ['nobody who answers', new TocsinError('UNAVAILABLE', 'CONNECT', 'x'), /ne répond pas/],
    [
      'a reason the catalogue does not know, in the platform’s own words',
      new TocsinError('ABORTED', 'NEW_ONE', 'Own words.'),
      /^Own words/,
    ],
  ])('%s', (_label, error, said) => {
    expect(describeFailure(error).lines[0]).toMatch(said);
  });

  it('does not say a violation twice when the sentence says it', () => {
    const message = 'The file is empty: a first line with the titles of the columns is needed.';
    const error = new TocsinError('INVALID_ARGUMENT', 'EMPTY_FILE', message, {
      fieldViolations: [{ field: 'chunk', description: message }],
    });
    expect(describeFailure(error).lines).toEqual([
      'Le fichier est vide : il faut une première ligne avec les titres des colonnes. (EMPTY_FILE)',
    ]);
  });
});
