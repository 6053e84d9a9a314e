const LEAST = 20;
const MOST = 500;

/** pareto: density as 1/x², as municipalities are (half of them below 39 contacts, 6 in 100 above 200, mean 67); uniform: every size alike, mean 260. */
export const SIZE_LAWS = ['pareto', 'uniform'] as const;
export type SizeLaw = (typeof SIZE_LAWS)[number];

/** Contacts of a commune, 20 to 500; `random` is from 0 (included) to 1. */
export function communeSize(law: SizeLaw, random: number): number {
  switch (law) {
    case 'pareto':
      return Math.floor(1 / (1 / LEAST - random * (1 / LEAST - 1 / MOST)));
    case 'uniform':
      return LEAST + Math.floor(random * (MOST - LEAST + 1));
  }
}
