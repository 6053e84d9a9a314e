/** Mails remembered, in memory only: what a test or a demonstration has just sent. */
const MAX_RECENT = 100;

export interface RecentMail {
  readonly deliveryId: string;
  readonly oneClick: string;
}

/** The last mails taken, as their reader's mail program would see them; no mailbox among it. */
export class RecentMails {
  readonly #mails: RecentMail[] = [];

  add(mail: RecentMail): void {
    this.#mails.push(mail);
    if (this.#mails.length > MAX_RECENT) this.#mails.shift();
  }

  /** Oldest first. */
  list(): readonly RecentMail[] {
    return this.#mails;
  }
}
