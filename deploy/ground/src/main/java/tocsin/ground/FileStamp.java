package tocsin.ground;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/** Tells whether files were replaced since they were last asked about. */
final class FileStamp {
  private final List<Path> files;
  private String seen = "";

  FileStamp(List<Path> files) {
    this.files = files;
  }

  /** True the first time, and once after each replacement. */
  synchronized boolean changed() {
    String now = look();
    if (now.equals(seen)) return false;
    seen = now;
    return true;
  }

  private String look() {
    StringBuilder stamp = new StringBuilder();
    for (Path file : files) {
      try {
        BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
        stamp.append(found.fileKey()).append('.').append(found.size()).append('.').append(found.lastModifiedTime().toMillis()).append(' ');
      } catch (IOException gone) {
        stamp.append("- ");
      }
    }
    return stamp.toString();
  }
}
