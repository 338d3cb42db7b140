package org.bytchat.tracker.engine;

import java.util.function.Consumer;
import org.bytchat.tracker.message.Response;

/** A request that the tracker makes of itself, with what it took from another one. */
final class Inward extends Call {

  private static final byte[] NO_HASH = new byte[32];

  private final Consumer<Response> taker;

  Inward(Desk desk, Consumer<Response> taker) {
    super(desk, new ClientSession(-1, NO_HASH), -1);
    this.taker = taker;
  }

  @Override
  void part(Response response) {
    taker.accept(response);
  }
}
