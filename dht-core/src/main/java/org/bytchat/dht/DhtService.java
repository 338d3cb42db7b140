package org.bytchat.dht;

import java.util.concurrent.CompletionStage;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Method;

/**
 * What a node offers to others beside the DHT, see {@link DhtNodeBuilder#service}: it answers
 * {@code bind} and {@code find}, in whose contents the DHT does not look.
 */
@API(status = API.Status.EXPERIMENTAL)
@FunctionalInterface
public interface DhtService {

  /**
   * Answers a query. Called on the node's own thread, and so must not block: what takes long, like
   * a signature or a disk, completes later, within the few seconds that askers wait. Answers get
   * lost, so the same may be asked again; each query has to prove by itself who asks.
   *
   * @param query what is asked
   * @return the outcome; if it fails, or the method throws, the asker gets error 201
   */
  CompletionStage<? extends Outcome> handle(Query query);

  /**
   * What is asked.
   *
   * @param method {@link Method#BIND} or {@link Method#FIND}
   * @param key the place
   * @param sender the id that the asker says it has; nothing proves it
   * @param from where the asker is, which its token proves
   * @param payload up to 1,000 bytes of anything; not to be changed
   */
  record Query(Method method, NodeId key, NodeId sender, Endpoint from, byte[] payload) {}

  /** What becomes of a query. */
  sealed interface Outcome {}

  /**
   * An answer.
   *
   * @param payload up to 1,000 bytes; the asker gets error 201 instead of a longer one
   */
  record Answered(byte[] payload) implements Outcome {}

  /**
   * An error.
   *
   * @param code 0 to 65535, see {@link ErrorCode}
   * @param text for people, of up to 128 ASCII characters; others become question marks
   */
  record Refused(int code, String text) implements Outcome {

    public Refused {
      if (code < 0 || code > 0xffff) {
        throw new IllegalArgumentException("error code must be in 0..65535: " + code);
      }
    }
  }
}
