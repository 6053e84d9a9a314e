/** The command was written wrongly; nothing was asked of the platform. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
