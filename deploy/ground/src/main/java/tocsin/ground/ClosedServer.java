package tocsin.ground;

import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoServer;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.security.GeneralSecurityException;

/** Makes the library's server speak TLS with a certificate that can be replaced: its own way takes one for good. */
final class ClosedServer {
  private ClosedServer() {}

  static MongoServer of(MongoBackend backend, Path pair) throws IOException, GeneralSecurityException {
    MongoServer server = new MongoServer(backend);
    SslContext context = SslContextBuilder.forServer(new RenewedKey(pair)).sslProvider(SslProvider.JDK).protocols("TLSv1.3", "TLSv1.2").build();
    try {
      Field field = MongoServer.class.getDeclaredField("sslContext");
      field.setAccessible(true);
      field.set(server, context);
    } catch (ReflectiveOperationException changed) {
      throw new IllegalStateException("this release of the library keeps its TLS elsewhere", changed);
    }
    return server;
  }
}
