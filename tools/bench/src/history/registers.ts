import { seededRandom } from '@tocsin/testing';

/** Place of the tenant whose campaign the CPU is counted of. */
export const CITY = 0;
/** Tenants behind the city that send the alerts measured, and contacts of each. */
export const COMMUNES = 12;
const COMMUNE_CONTACTS = 100;
const CITY_CONTACTS = 3_000;
/** Contacts of the others: from a hamlet to a small town, half of them below 145. */
const SMALLEST = 40;
const MEDIAN = 145;
const LARGEST = 5_000;
const SEED = 2;

/** Contacts of each tenant's register: one city, the communes measured, and others whose sizes are skewed as municipalities are. */
export function registerSizes(tenants: number): number[] {
  const random = seededRandom(SEED);
  return Array.from({ length: tenants }, (_, place) => {
    if (place === CITY) return CITY_CONTACTS;
    if (place <= COMMUNES) return COMMUNE_CONTACTS;
    // Log-normal with a spread of 1 from two uniform numbers (Box and Muller).
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.round(Math.min(LARGEST, Math.max(SMALLEST, MEDIAN * Math.exp(normal))));
  });
}
