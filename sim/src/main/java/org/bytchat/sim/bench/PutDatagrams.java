package org.bytchat.sim.bench;

import java.util.Arrays;
import java.util.List;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/**
 * The puts of a flood: which are to be sent, are under way, or are done. Those that were refused as
 * busy, or that got no answer, are to be sent again. Not thread-safe.
 */
final class PutDatagrams {

  /** What became of a put. */
  enum State {
    /** It has no token. */
    BARE,
    /** To be sent. */
    READY,
    /** Sent and not answered. */
    SENT,
    /** Stored, or refused for good. */
    DONE
  }

  private final List<MutableRecord> records;
  private final Queries queries;
  private final Packet packet = new Packet();
  private final byte[][] datagrams;
  private final State[] states;
  private final int[] attempts;
  private final long[] sentNanos;

  /** Those to be sent, a ring. */
  private final int[] ready;

  private int readyFirst;
  private int readyCount;
  private int doneCount;

  PutDatagrams(List<MutableRecord> records, Queries queries) {
    this.records = records;
    this.queries = queries;
    int count = records.size();
    datagrams = new byte[count][];
    states = new State[count];
    Arrays.fill(states, State.BARE);
    attempts = new int[count];
    sentNanos = new long[count];
    ready = new int[count];
  }

  int size() {
    return states.length;
  }

  State state(int index) {
    return states[index];
  }

  long sentNanos(int index) {
    return sentNanos[index];
  }

  /** Returns the question for a token. */
  byte[] question(int index, NodeId asker) {
    begin(index, asker, Method.GET);
    packet.paddedBytes = WireLimits.QUERY_PADDED_BYTES_IPV4;
    return queries.encoded(packet);
  }

  private void begin(int index, NodeId asker, Method method) {
    packet.clear();
    packet.kind = Kind.QUERY;
    packet.method = method;
    packet.transactionId = index;
    packet.sender(asker);
    packet.key(records.get(index).key());
  }

  /** Makes a put ready. */
  void accept(int index, NodeId asker, Packet answer) {
    byte[] record = records.get(index).bytes();
    begin(index, asker, Method.PUT);
    packet.token(answer.token, 0, answer.tokenLength);
    packet.record = record;
    packet.recordLength = record.length;
    datagrams[index] = queries.encoded(packet);
    makeReady(index);
  }

  private void makeReady(int index) {
    states[index] = State.READY;
    ready[(readyFirst + readyCount) % ready.length] = index;
    readyCount++;
  }

  /** Takes one that is to be sent; returns -1 if there is none. */
  int next(long nowNanos) {
    if (readyCount == 0) {
      return -1;
    }
    int index = ready[readyFirst];
    readyFirst = (readyFirst + 1) % ready.length;
    readyCount--;
    states[index] = State.SENT;
    attempts[index]++;
    sentNanos[index] = nowNanos;
    return index;
  }

  byte[] datagram(int index) {
    return datagrams[index];
  }

  /** Returns the transaction of the present attempt: the index and how many were before. */
  long transaction(int index) {
    return (long) attempts[index] << 32 | index;
  }

  /** Returns which put an answer is to; -1 if it is late, or not an answer to a put. */
  int indexOf(long transaction) {
    int index = (int) transaction;
    boolean known =
        index >= 0
            && index < states.length
            && states[index] == State.SENT
            && transaction == transaction(index);
    return known ? index : -1;
  }

  void done(int index) {
    states[index] = State.DONE;
    doneCount++;
  }

  /** Tells whether nothing is left to be sent, now or later. */
  boolean isDone() {
    return doneCount == states.length;
  }

  void sendAgain(int index) {
    makeReady(index);
  }

  /** Has those be sent again that were sent before a time and not answered; returns how many. */
  int giveUp(long beforeNanos) {
    int count = 0;
    for (int i = 0; i < states.length; i++) {
      if (states[i] == State.SENT && sentNanos[i] - beforeNanos < 0) {
        makeReady(i);
        count++;
      }
    }
    return count;
  }
}
