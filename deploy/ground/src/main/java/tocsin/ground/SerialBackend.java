package tocsin.ground;

import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.util.Locale;
import java.util.Set;
import org.h2.mvstore.MVStore;

/**
 * The library's H2 backend made safe for writers that compete: one command at a time, replies cloned (the library answers with live
 * documents that the next command changes while they are being encoded), and every write in the file before its reply leaves.
 */
final class SerialBackend extends H2Backend {
  private static final Set<String> WRITES =
      Set.of("insert", "update", "delete", "findandmodify", "createindexes", "drop", "dropdatabase", "dropindexes", "create", "renamecollection");

  private final Object commandLock = new Object();
  private final GroupCommit groupCommit;

  SerialBackend(MVStore store, boolean fsync) {
    super(store);
    this.groupCommit = new GroupCommit(store, fsync, commandLock);
  }

  @Override
  public Document handleMessage(MongoMessage message) {
    String command = message.getDocument().keySet().iterator().next().toLowerCase(Locale.ROOT);
    boolean write = WRITES.contains(command);
    Document reply;
    long ticket = 0;
    synchronized (commandLock) {
      groupCommit.endIfClosed();
      reply = super.handleMessage(message);
      if (reply != null) reply = reply.cloneDeeply();
      if (write) ticket = groupCommit.issueTicket();
    }
    if (write) groupCommit.awaitDurable(ticket);
    return reply;
  }
}
