export { startGround } from './ground.js';
export type { TestGround } from './ground.js';
