package tocsin.ground;

import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Arrays;

/**
 * Runs another main class and ends the process when standard input closes: whoever started it holds the other end of the pipe, so
 * nothing is left behind even when the starter is killed with -9.
 *
 * <p>Usage: {@code Tethered <main class> <arguments...>}.
 */
public final class Tethered {
  private Tethered() {}

  public static void main(String[] arguments) throws Exception {
    Thread tether = new Thread(Tethered::exitAtEndOfInput, "tether");
    tether.setDaemon(true);
    tether.start();
    Method main = Class.forName(arguments[0]).getMethod("main", String[].class);
    main.invoke(null, (Object) Arrays.copyOfRange(arguments, 1, arguments.length));
  }

  private static void exitAtEndOfInput() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is ever said on this pipe; only its end counts.
      }
    } catch (IOException broken) {
      // A broken pipe is an end as well.
    }
    System.exit(0);
  }
}
