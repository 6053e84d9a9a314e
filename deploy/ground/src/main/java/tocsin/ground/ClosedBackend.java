package tocsin.ground;

import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import de.bwaldvogel.mongo.wire.message.MongoQuery;
import io.netty.channel.Channel;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Lets in who proves a password (SCRAM-SHA-256), and then to its own database only; a stranger may ask for nothing but to be let in. */
final class ClosedBackend implements MongoBackend {
  private static final int AUTHENTICATION_FAILED = 18;
  private static final int UNAUTHORIZED = 13;
  private static final Set<String> OPEN_TO_STRANGERS = Set.of("hello", "ismaster", "ping");
  /** Of every user, whatever database the driver names with it. */
  private static final Set<String> OPEN_TO_USERS = Set.of("endsessions", "logout");

  private final MongoBackend backend;
  private final StoreUsers users;
  private final Map<Channel, ScramExchange> exchanges = new ConcurrentHashMap<>();
  private final Map<Channel, StoreUsers.User> known = new ConcurrentHashMap<>();

  ClosedBackend(MongoBackend backend, StoreUsers users) {
    this.backend = backend;
    this.users = users;
  }

  @Override
  public Document handleMessage(MongoMessage message) {
    Document document = message.getDocument();
    String command = document.keySet().iterator().next().toLowerCase(Locale.ROOT);
    Channel channel = message.getChannel();
    if (command.equals("saslstart")) return start(channel, document);
    if (command.equals("saslcontinue")) return proceed(channel, document);
    check(channel, command, message.getDatabaseName());
    return backend.handleMessage(message);
  }

  @Override
  public Document handleCommand(Channel channel, String databaseName, String command, Document query) {
    check(channel, command.toLowerCase(Locale.ROOT), databaseName);
    return backend.handleCommand(channel, databaseName, command, query);
  }

  @Override
  public QueryResult handleQuery(MongoQuery query) {
    check(query.getChannel(), "find", query.getDatabaseName());
    return backend.handleQuery(query);
  }

  private void check(Channel channel, String command, String database) {
    if (OPEN_TO_STRANGERS.contains(command)) return;
    StoreUsers.User user = known.get(channel);
    if (user == null) throw new MongoServerError(UNAUTHORIZED, "Unauthorized", "command " + command + " requires authentication");
    if (OPEN_TO_USERS.contains(command) || user.mayUse(database)) return;
    throw new MongoServerError(UNAUTHORIZED, "Unauthorized", "not authorized on " + database + " to execute command " + command);
  }

  private Document start(Channel channel, Document request) {
    known.remove(channel);
    if (!"SCRAM-SHA-256".equals(request.get("mechanism"))) throw refused(channel);
    ScramExchange exchange = ScramExchange.begin(payload(request), users);
    if (exchange == null) throw refused(channel);
    exchanges.put(channel, exchange);
    return answer(exchange.challenge(), false);
  }

  private Document proceed(Channel channel, Document request) {
    ScramExchange exchange = exchanges.remove(channel);
    // A driver that does not skip it ends with an empty message of each side.
    if (exchange == null && known.containsKey(channel)) return answer(new byte[0], true);
    if (exchange == null) throw refused(channel);
    try {
      byte[] signature = exchange.finish(payload(request));
      if (signature == null) throw refused(channel);
      known.put(channel, exchange.user());
      return answer(signature, false);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private MongoServerError refused(Channel channel) {
    exchanges.remove(channel);
    MongoServerError error = new MongoServerError(AUTHENTICATION_FAILED, "AuthenticationFailed", "Authentication failed.");
    error.setLogError(false);
    return error;
  }

  private static byte[] payload(Document request) {
    Object payload = request.get("payload");
    if (payload instanceof BinData data) return data.getData();
    return payload instanceof byte[] bytes ? bytes : new byte[0];
  }

  private static Document answer(byte[] payload, boolean done) {
    return new Document("conversationId", 1).append("done", done).append("payload", new BinData(payload)).append("ok", 1.0);
  }

  @Override
  public void handleClose(Channel channel) {
    exchanges.remove(channel);
    known.remove(channel);
    backend.handleClose(channel);
  }

  @Override
  public void dropDatabase(String database) {
    backend.dropDatabase(database);
  }

  @Override
  public Collection<Document> getCurrentOperations(MongoQuery query) {
    return backend.getCurrentOperations(query);
  }

  @Override
  public Document getServerStatus() {
    return backend.getServerStatus();
  }

  @Override
  public void close() {
    backend.close();
  }

  @Override
  public void closeCursors(List<Long> cursorIds) {
    backend.closeCursors(cursorIds);
  }

  @Override
  public Clock getClock() {
    return backend.getClock();
  }

  @Override
  public void enableOplog() {
    backend.enableOplog();
  }

  @Override
  public void disableOplog() {
    backend.disableOplog();
  }

  @Override
  public MongoDatabase resolveDatabase(String database) {
    return backend.resolveDatabase(database);
  }

  @Override
  public MongoBackend version(MongoVersion version) {
    backend.version(version);
    return this;
  }
}
