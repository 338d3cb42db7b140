package org.bytchat.tracker.engine;

import java.util.function.Consumer;
import org.bytchat.tracker.message.Response;

/** A request that the tracker makes of itself, with what it took from another one. */
final class Inward extends Call {

  private static final byte[] NO_HASH = new byte[32];

  private final Consumer<Response> taker;
  private final long usedMillis;

  /**
   * Makes one.
   *
   * @param usedMillis when the mailbox was used last, as the other tracker says
   */
  Inward(Desk desk, long usedMillis, Consumer<Response> taker) {
    super(desk, new ClientSession(-1, Sources.Source.unlimited(), NO_HASH), -1);
    this.usedMillis = usedMillis;
    this.taker = taker;
  }

  @Override
  long usedMillis() {
    return usedMillis;
  }

  @Override
  void part(Response response) {
    taker.accept(response);
  }
}
