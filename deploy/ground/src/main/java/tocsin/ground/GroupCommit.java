package tocsin.ground;

import org.h2.mvstore.MVStore;

/**
 * Makes many waiting writers durable with one commit: the first to come commits for all that stand behind it.
 * With fsync it survives a power cut, without it a kill -9 of this process.
 */
final class GroupCommit {
  /** Exit code, EX_IOERR of sysexits.h. */
  private static final int UNWRITABLE = 74;

  private final MVStore store;
  private final boolean fsync;
  private final Object commandLock;
  private final Object turn = new Object();
  private long issued;
  private long durable;
  private boolean committing;

  GroupCommit(MVStore store, boolean fsync, Object commandLock) {
    this.store = store;
    this.fsync = fsync;
    this.commandLock = commandLock;
  }

  /** Takes a ticket for a write just applied; the caller holds the command lock. */
  long issueTicket() {
    return ++issued;
  }

  /** Ends the process when the store has closed itself: it would answer every command with an error for ever. */
  void endIfClosed() {
    if (store.isClosed()) endWith(new IllegalStateException("the store has closed itself"));
  }

  /** Memory holds writes now that the file does not (a full disk): nobody may read them. Whoever started us starts us again from the file. */
  private static void endWith(RuntimeException failure) {
    failure.printStackTrace();
    Runtime.getRuntime().halt(UNWRITABLE);
  }

  /** Returns once the write of this ticket is in the file. */
  void awaitDurable(long ticket) {
    while (true) {
      synchronized (turn) {
        if (durable >= ticket) return;
        if (committing) {
          try {
            turn.wait();
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted before the write was durable", interrupted);
          }
          continue;
        }
        committing = true;
      }
      long upTo = 0;
      try {
        // No command runs while the commit reads the pages: the file always holds whole commands.
        synchronized (commandLock) {
          long seen = issued;
          store.commit();
          upTo = seen;
        }
        if (fsync) store.sync();
      } catch (RuntimeException failure) {
        endWith(failure);
      } finally {
        synchronized (turn) {
          durable = Math.max(durable, upTo);
          committing = false;
          turn.notifyAll();
        }
      }
    }
  }
}
