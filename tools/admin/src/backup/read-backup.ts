import { TocsinError } from '@tocsin/errors';
import { type Beginning, type Ending, type Piece, unpackPiece } from './pieces.js';
import { readSealed } from './sealed-file.js';

export interface ReadBackup {
  readonly beginning: Beginning;
  readonly ending: Ending;
}

/** Hands over the pieces in order and answers once all of them were there, each as often as the backup says. Throws TocsinError FAILED_PRECONDITION. */
export async function readBackup(path: string, key: Buffer, onPiece: (piece: Piece) => Promise<void>): Promise<ReadBackup> {
  let beginning: Beginning | undefined;
  let ending: Ending | undefined;
  const documents = new Map<string, number>();
  const records = new Map<string, number>();
  for (const octets of readSealed(path, key)) {
    const piece = unpackPiece(octets);
    switch (piece.kind) {
      case 'beginning':
        beginning = piece.value;
        break;
      case 'ending':
        ending = piece.value;
        break;
      case 'documents': {
        const name = `${piece.database}/${piece.collection}`;
        documents.set(name, (documents.get(name) ?? 0) + piece.documents.length);
        break;
      }
      case 'records':
        records.set(piece.topic, (records.get(piece.topic) ?? 0) + piece.records.length);
        break;
    }
    await onPiece(piece);
  }
  if (!beginning || !ending) throw incomplete(path, 'its beginning or its end is not there');
  for (const [name, count] of Object.entries(ending.documents)) {
    if ((documents.get(name) ?? 0) !== count) throw incomplete(path, `${name} has ${documents.get(name) ?? 0} documents of ${count}`);
  }
  for (const [topic, count] of Object.entries(ending.records)) {
    if ((records.get(topic) ?? 0) !== count) throw incomplete(path, `${topic} has ${records.get(topic) ?? 0} records of ${count}`);
  }
  return { beginning, ending };
}

function incomplete(path: string, what: string): TocsinError {
  return new TocsinError('FAILED_PRECONDITION', 'BACKUP_INCOMPLETE', `${path} is not whole: ${what}.`);
}
