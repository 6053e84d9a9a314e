package tocsin.ground;

import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import org.h2.mvstore.MVStore;

/**
 * The embedded document store: the MongoDB wire on an H2 file, open on loopback, or closed by TLS and users. Development only; production runs MongoDB.
 *
 * <p>Usage: {@code DocumentStore <port> <file>}. Properties: {@code tocsin.cacheMiB} (page cache, at least 128),
 * {@code tocsin.compactMillis} (time given to compacting the file at start), {@code tocsin.fsync} (survive a power cut as well),
 * {@code tocsin.tls} (PEM file of key and certificate) with {@code tocsin.users} (JSON file): nobody is let in without a password, and to its own database only.
 */
public final class DocumentStore {
  private static final int LEAST_CACHE_MIB = 128;
  /** Below 9, mongoose 9 refuses the server; above, drivers try commands that the library does not have. */
  private static final int WIRE_VERSION = 9;

  private DocumentStore() {}

  public static void main(String[] arguments) throws InterruptedException, IOException, GeneralSecurityException {
    if (arguments.length != 2) {
      System.err.println("usage: DocumentStore <port> <file>");
      System.exit(2);
    }
    int port = Integer.parseInt(arguments[0]);
    MVStore store = open(arguments[1]);
    SerialBackend backend = new SerialBackend(store, Boolean.getBoolean("tocsin.fsync"));
    backend.version(new AnnouncedVersion());
    MongoServer server = serverOf(backend);
    server.bind("127.0.0.1", port);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow, "shutdown"));
    System.out.println("document store up on 127.0.0.1:" + port);
    Thread.currentThread().join();
  }

  private static MongoServer serverOf(SerialBackend backend) throws IOException, GeneralSecurityException {
    String pair = System.getProperty("tocsin.tls");
    String users = System.getProperty("tocsin.users");
    if (pair == null && users == null) return new MongoServer(backend);
    if (pair == null || users == null) throw new IllegalArgumentException("tocsin.tls and tocsin.users are set together or not at all");
    return ClosedServer.of(new ClosedBackend(backend, new StoreUsers(Path.of(users))), Path.of(pair));
  }

  private static MVStore open(String file) {
    int cacheMiB = Math.max(LEAST_CACHE_MIB, Integer.getInteger("tocsin.cacheMiB", LEAST_CACHE_MIB));
    // The background writer is off: it would commit half a command; GroupCommit decides when the file changes.
    MVStore store =
        new MVStore.Builder().fileName(file).cacheSize(cacheMiB).autoCommitDisabled().autoCommitBufferSize(0).autoCompactFillRate(0).open();
    long started = System.currentTimeMillis();
    long before = store.getFileStore().size();
    store.compactFile(Integer.getInteger("tocsin.compactMillis", 5_000));
    System.out.println("compacted " + before + " -> " + store.getFileStore().size() + " bytes in " + (System.currentTimeMillis() - started) + " ms");
    return store;
  }

  private static final class AnnouncedVersion implements MongoVersion {
    @Override
    public int getWireVersion() {
      return WIRE_VERSION;
    }

    @Override
    public List<Integer> getVersionArray() {
      return List.of(4, 4, 0);
    }

    @Override
    public String toVersionString() {
      return "4.4.0";
    }
  }
}
