/** Above this mean the normal law is close enough, and e^-mean would lose its digits. */
const LARGE_MEAN = 200;
/** z of the one-sided 95 %. */
const Z95 = 1.645;

/** How many come at most in 19 of 20 cases where `mean` are expected. */
export function poisson95(mean: number): number {
  if (!(mean > 0)) return 0;
  if (mean > LARGE_MEAN) return Math.ceil(mean + Z95 * Math.sqrt(mean));
  let term = Math.exp(-mean);
  let sum = term;
  let count = 0;
  while (sum < 0.95) {
    count++;
    term *= mean / count;
    sum += term;
  }
  return count;
}
