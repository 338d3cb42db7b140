package org.bytchat.sim.theory;

import java.util.Objects;

/** Lines of the published table that are known to be there. */
final class TableLines {

  private TableLines() {}

  static Published.TableB of(int bucketSize, int nodes) {
    return Objects.requireNonNull(Published.tableB(bucketSize, nodes));
  }
}
