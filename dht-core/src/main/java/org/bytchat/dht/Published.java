package org.bytchat.dht;

import org.apiguardian.api.API;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.identity.Uid;

/**
 * Something that a node publishes, and again at half its life, until it is stopped or the node
 * closed. Safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class Published implements AutoCloseable {

  private final Uid uid;
  private final String label;
  private final PutResult result;
  private final Runnable stopper;

  Published(Uid uid, String label, PutResult result, Runnable stopper) {
    this.uid = uid;
    this.label = label;
    this.result = result;
    this.stopper = stopper;
  }

  /**
   * Returns whose it is.
   *
   * @return the owner
   */
  public Uid uid() {
    return uid;
  }

  /**
   * Returns what it is.
   *
   * @return the record's label, empty for the user's own place
   */
  public String label() {
    return label;
  }

  /**
   * Returns what became of the first time; {@link DhtEvent.Republished} and {@link
   * DhtEvent.RepublishFailed} tell of later ones. If fewer than w nodes stored it, it is tried
   * again soon.
   *
   * @return what each node did; if its blob could not be stored, what became of that, with sequence
   *     0, and the record was not put
   */
  public PutResult result() {
    return result;
  }

  /**
   * Publishes it no longer. What was stored lives until its end. Nothing happens if it is stopped
   * or the node is closed.
   */
  public void stop() {
    stopper.run();
  }

  /** Does what {@link #stop} does. */
  @Override
  public void close() {
    stop();
  }

  @Override
  public String toString() {
    return "Published[%s, %s]".formatted(uid, label);
  }
}
