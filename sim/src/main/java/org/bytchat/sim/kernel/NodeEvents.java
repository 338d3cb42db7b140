package org.bytchat.sim.kernel;

import org.bytchat.dht.engine.Effect;

/** The events that are no packets. */
final class NodeEvents {

  private NodeEvents() {}

  /** The deadline of a node has come, unless it moved on: then this does too. */
  static final class Timer extends Event {

    Timer(long timeMicros, int node) {
      super(timeMicros, node, orderOf(TIMER, node, 0));
    }

    @Override
    boolean isVain(Calls calls) {
      return calls.deadlineMicros(node) > timeMicros;
    }

    @Override
    void handle(Partition partition, SimNode target) {
      partition.fire(this, target);
    }
  }

  /** An effect is done. */
  static final class Completion extends Event {

    final int life;
    final long effect;
    final Effect.Result result;

    Completion(long timeMicros, SimNode node, long effect, Effect.Result result) {
      super(timeMicros, node.index(), orderOf(EFFECT, node.index(), node.made++));
      this.life = node.life;
      this.effect = effect;
      this.result = result;
    }

    @Override
    void handle(Partition partition, SimNode target) {
      partition.complete(this, target);
    }
  }

  /** The schedule has something for a node. */
  static final class Scheduled extends Event {

    final World.Action action;

    Scheduled(long timeMicros, int node, long order, World.Action action) {
      super(timeMicros, node, order);
      this.action = action;
    }

    @Override
    void handle(Partition partition, SimNode target) {
      partition.perform(action, target);
    }
  }
}
