import { describe, expect, it } from 'vitest';
import { costlyCharacters, transliterate } from './sms-accents.js';

describe('what an accent costs', () => {
  const rows: { says: string; text: string; costly: string[]; plain: string }[] = [
    { says: 'é, è, à, ù cost nothing', text: 'élève à où', costly: [], plain: 'élève à où' },
    { says: 'ê and ô do', text: 'forêt, tempête, hôtel', costly: ['ê', 'ô'], plain: 'foret, tempete, hotel' },
    { says: 'ç does, Ç does not', text: 'ça Ça', costly: ['ç'], plain: 'ca Ça' },
    { says: 'typographic marks do', text: '« l’eau… » – œuf', costly: ['«', '’', '…', '»', '–', 'œ'], plain: '" l\'eau... " - oeuf' },
    { says: 'what has no plain way stays', text: 'eau 🌊', costly: ['🌊'], plain: 'eau 🌊' },
  ];
  it.each(rows)('$says', ({ text, costly, plain }) => {
    expect(costlyCharacters(text)).toEqual(costly);
    expect(transliterate(text)).toBe(plain);
  });
});
