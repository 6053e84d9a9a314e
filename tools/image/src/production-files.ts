/** What a build leaves behind that no running service reads. */
const LEFT_OUT = [/\.d\.ts$/, /\.map$/, /\.tsbuildinfo$/, /\.test\.js$/];
/** Providers' stand-ins are for development: an image that could start one might hand alerts to it. */
const STAND_IN = /(^|\/)stand-in(\.js$|\/|$)/;

/** Whether a file or folder of the tree, named by its path, belongs into the image. */
export function isProduction(path: string): boolean {
  return !STAND_IN.test(path) && !LEFT_OUT.some((pattern) => pattern.test(path));
}
