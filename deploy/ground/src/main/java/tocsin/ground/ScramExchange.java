package tocsin.ground;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The server's side of one SCRAM-SHA-256 (RFC 7677): first message, challenge, proof, signature. */
final class ScramExchange {
  private static final int NONCE_BYTES = 24;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final String clientFirst;
  private final String nonce;
  private final StoreUsers.User user;
  private final String challenge;

  private ScramExchange(String clientFirst, String nonce, StoreUsers.User user) {
    this.clientFirst = clientFirst;
    this.nonce = nonce;
    this.user = user;
    this.challenge = "r=" + nonce + ",s=" + user.salt() + ",i=" + user.iterations();
  }

  /** Null when the message is none, or of a stranger. */
  static ScramExchange begin(byte[] message, StoreUsers users) {
    String text = new String(message, StandardCharsets.UTF_8);
    // No channel binding, no other identity: what drivers send.
    if (!text.startsWith("n,,")) return null;
    String bare = text.substring(3);
    Map<String, String> fields = fields(bare);
    String name = fields.getOrDefault("n", "").replace("=2C", ",").replace("=3D", "=");
    StoreUsers.User user = users.find(name);
    if (user == null || !fields.containsKey("r")) return null;
    byte[] own = new byte[NONCE_BYTES];
    RANDOM.nextBytes(own);
    return new ScramExchange(bare, fields.get("r") + Base64.getEncoder().encodeToString(own), user);
  }

  byte[] challenge() {
    return challenge.getBytes(StandardCharsets.UTF_8);
  }

  StoreUsers.User user() {
    return user;
  }

  /** What proves the server to the client, or null when the client's proof is wrong. */
  byte[] finish(byte[] message) throws GeneralSecurityException {
    String text = new String(message, StandardCharsets.UTF_8);
    Map<String, String> fields = fields(text);
    int proofAt = text.lastIndexOf(",p=");
    if (proofAt < 0 || !nonce.equals(fields.get("r"))) return null;
    byte[] proof;
    try {
      proof = Base64.getDecoder().decode(text.substring(proofAt + 3));
    } catch (IllegalArgumentException damaged) {
      return null;
    }
    byte[] exchange = (clientFirst + "," + challenge + "," + text.substring(0, proofAt)).getBytes(StandardCharsets.UTF_8);
    byte[] clientKey = hmac(user.storedKey(), exchange);
    if (proof.length != clientKey.length) return null;
    for (int at = 0; at < clientKey.length; at++) clientKey[at] ^= proof[at];
    byte[] stored = MessageDigest.getInstance("SHA-256").digest(clientKey);
    if (!MessageDigest.isEqual(stored, user.storedKey())) return null;
    return ("v=" + Base64.getEncoder().encodeToString(hmac(user.serverKey(), exchange))).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] hmac(byte[] key, byte[] text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text);
  }

  private static Map<String, String> fields(String text) {
    Map<String, String> found = new HashMap<>();
    for (String part : text.split(",")) if (part.length() > 1 && part.charAt(1) == '=') found.put(part.substring(0, 1), part.substring(2));
    return found;
  }
}
