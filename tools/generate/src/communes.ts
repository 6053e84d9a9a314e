import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { randomOf } from './random.js';

/** A real commune; its centre is invented, as the open data has none. */
export interface Commune {
  readonly insee: string;
  readonly name: string;
  readonly postcodes: readonly string[];
  readonly kind: 'city' | 'town' | 'commune';
  readonly centre: { readonly latitude: number; readonly longitude: number };
}

const rows = z.array(
  z.object({
    code: z.string(),
    nom: z.string(),
    type: z.string(),
    zone: z.string().optional(),
    codesPostaux: z.array(z.string()).optional(),
    population: z.number().optional(),
  }),
);

/** Inhabitants of what stands for a city, a town and a commune. */
const SIZES = {
  city: [250_000, 1_000_000],
  town: [8_000, 40_000],
  commune: [150, 5_000],
} as const;

/** Picks so many real communes of mainland France of each size, by seed. */
export function pickCommunes(seed: number, wanted: { readonly towns: number; readonly communes: number }): readonly Commune[] {
  const folder = dirname(fileURLToPath(import.meta.resolve('@etalab/decoupage-administratif')));
  const all = rows.parse(JSON.parse(readFileSync(join(folder, 'data', 'communes.json'), 'utf8')));
  const living = all.filter((row) => row.type === 'commune-actuelle' && row.zone === 'metro' && (row.codesPostaux?.length ?? 0) > 0);
  const random = randomOf(seed, 'communes');
  const taken = new Set<string>();
  const pick = (kind: Commune['kind'], count: number): Commune[] => {
    const [from, to] = SIZES[kind];
    const fitting = living.filter(({ population = 0, code }) => population >= from && population <= to && !taken.has(code));
    return random
      .shuffle(fitting)
      .slice(0, count)
      .map(({ code, nom, codesPostaux = [] }) => {
        taken.add(code);
        return { insee: code, name: nom, postcodes: codesPostaux, kind, centre: centreOf(code) };
      });
  };
  return [...pick('city', 1), ...pick('town', wanted.towns), ...pick('commune', wanted.communes)];
}

/** Somewhere in mainland France, always the same for a commune. */
function centreOf(insee: string): Commune['centre'] {
  const random = randomOf('centre', insee);
  return { latitude: 43.5 + random.next() * 6, longitude: -0.5 + random.next() * 6.5 };
}
