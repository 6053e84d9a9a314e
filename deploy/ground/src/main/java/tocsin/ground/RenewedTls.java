package tocsin.ground;

import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.auth.SslEngineFactory;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;

/**
 * Kafka's own TLS, made anew when the PEM files of key or authorities were replaced: every new connection has the new ones, on all listeners and towards other
 * brokers. A plain Kafka is told by an administrator instead (docs/links.md).
 */
public final class RenewedTls implements SslEngineFactory {
  private Map<String, ?> configs = Map.of();
  private FileStamp stamp = new FileStamp(List.of());
  private volatile DefaultSslEngineFactory current;

  @Override
  public void configure(Map<String, ?> given) {
    configs = given;
    stamp = new FileStamp(List.of(path(given, SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG), path(given, SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG)));
    stamp.changed();
    current = made();
  }

  private DefaultSslEngineFactory factory() {
    if (stamp.changed()) {
      try {
        current = made();
      } catch (RuntimeException damaged) {
        System.err.println("kept the certificates read before: " + damaged.getMessage());
      }
    }
    return current;
  }

  private DefaultSslEngineFactory made() {
    DefaultSslEngineFactory made = new DefaultSslEngineFactory();
    made.configure(configs);
    return made;
  }

  private static Path path(Map<String, ?> configs, String name) {
    return Path.of((String) configs.get(name));
  }

  @Override
  public SSLEngine createClientSslEngine(String peerHost, int peerPort, String endpointIdentification) {
    return factory().createClientSslEngine(peerHost, peerPort, endpointIdentification);
  }

  @Override
  public SSLEngine createServerSslEngine(String peerHost, int peerPort) {
    return factory().createServerSslEngine(peerHost, peerPort);
  }

  @Override
  public boolean shouldBeRebuilt(Map<String, Object> nextConfigs) {
    return !nextConfigs.equals(configs);
  }

  @Override
  public Set<String> reconfigurableConfigs() {
    return Set.of();
  }

  @Override
  public KeyStore keystore() {
    return current.keystore();
  }

  @Override
  public KeyStore truststore() {
    return current.truststore();
  }

  @Override
  public void close() throws IOException {
    current.close();
  }
}
