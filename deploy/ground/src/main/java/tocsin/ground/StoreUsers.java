package tocsin.ground;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who may use which database: a file written by the credentials' maker, read anew when it was replaced. It holds no password. */
final class StoreUsers {
  /** What a password is checked with (RFC 5802). */
  record User(String name, String database, int iterations, String salt, byte[] storedKey, byte[] serverKey) {
    boolean mayUse(String other) {
      return database.equals("*") || database.equals(other);
    }
  }

  private final Path file;
  private final FileStamp stamp;
  private Map<String, User> users = Map.of();

  StoreUsers(Path file) throws IOException {
    this.file = file;
    this.stamp = new FileStamp(List.of(file));
    this.stamp.changed();
    this.users = read(file);
  }

  /** Null for a stranger. */
  synchronized User find(String name) {
    if (stamp.changed()) {
      try {
        users = read(file);
      } catch (IOException damaged) {
        System.err.println("kept the users read before: " + damaged.getMessage());
      }
    }
    return users.get(name);
  }

  private static Map<String, User> read(Path file) throws IOException {
    Map<String, User> found = new HashMap<>();
    for (JsonNode one : new ObjectMapper().readTree(file.toFile())) {
      String name = one.get("user").asText();
      byte[] storedKey = Base64.getDecoder().decode(one.get("storedKey").asText());
      byte[] serverKey = Base64.getDecoder().decode(one.get("serverKey").asText());
      int iterations = one.get("iterations").asInt();
      found.put(name, new User(name, one.get("database").asText(), iterations, one.get("salt").asText(), storedKey, serverKey));
    }
    return found;
  }
}
