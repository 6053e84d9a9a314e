package tocsin.ground;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/** A server's key and certificate, read anew for the next handshake when their file was replaced; what cannot be read leaves what was read before. */
final class RenewedKey extends X509ExtendedKeyManager {
  /** A handshake asks three times: under one name it always gets the same pair. */
  private record Generation(String alias, PemPair pair) {}

  private final Path file;
  private final FileStamp stamp;
  private volatile Generation current;
  private volatile Generation before;

  RenewedKey(Path file) throws IOException, GeneralSecurityException {
    this.file = file;
    this.stamp = new FileStamp(List.of(file));
    this.stamp.changed();
    this.current = new Generation("1", PemPair.read(file));
    this.before = current;
  }

  private Generation latest() {
    if (stamp.changed()) {
      try {
        PemPair pair = PemPair.read(file);
        before = current;
        current = new Generation(String.valueOf(Integer.parseInt(before.alias()) + 1), pair);
      } catch (IOException | GeneralSecurityException damaged) {
        System.err.println("kept the certificate read before: " + damaged.getMessage());
      }
    }
    return current;
  }

  private PemPair pairOf(String alias) {
    Generation one = current;
    return one.alias().equals(alias) ? one.pair() : before.pair();
  }

  @Override
  public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
    Generation latest = latest();
    return latest.pair().key().getAlgorithm().equals(keyType) ? latest.alias() : null;
  }

  @Override
  public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
    return chooseEngineServerAlias(keyType, issuers, null);
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return pairOf(alias).chain();
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return pairOf(alias).key();
  }

  @Override
  public String[] getServerAliases(String keyType, Principal[] issuers) {
    return new String[] {current.alias()};
  }

  @Override
  public String[] getClientAliases(String keyType, Principal[] issuers) {
    return new String[0];
  }

  @Override
  public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
    return null;
  }
}
