package org.bytchat.tracker.session;

import java.time.Clock;

/** Makes clients whose clock is wrong. */
public final class ClockedClient {

  private ClockedClient() {}

  /** A client of the library with this clock. */
  public static SessionClient of(SessionConfig config, int networkId, Clock clock) {
    return new SessionClient(new SessionRuntime("test-client", config, networkId, clock));
  }
}
