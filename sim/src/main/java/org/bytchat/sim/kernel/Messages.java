package org.bytchat.sim.kernel;

import java.util.Locale;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;

/** What the trace says of a message: its kind and method. */
final class Messages {

  private static final int METHODS = 16;

  private Messages() {}

  /** Returns a number for the kind and method of a message. */
  static int typeOf(Packet packet) {
    // An answer does not say what was asked.
    int method = packet.kind == Kind.QUERY ? packet.method.ordinal() : 0;
    return packet.kind.ordinal() * METHODS + method;
  }

  /** Returns the name of such a number, for people. */
  static String nameOf(int type) {
    Kind kind = Kind.values()[type / METHODS];
    return kind == Kind.QUERY
        ? Method.values()[type % METHODS].name().toLowerCase(Locale.ROOT)
        : kind.name().toLowerCase(Locale.ROOT);
  }
}
