package org.bytchat.sim.kernel;

import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.engine.EngineEvent;

/**
 * What runs on a machine beside its node, and uses it: a tracker, or a user's program. It is called
 * by the thread that handles the machine's events, while the node is up. It begins nothing at the
 * node within a call: it has an action of its own do that, see {@link World.Control#again}.
 */
public interface Resident {

  /**
   * Takes an effect that only it can perform. It gives the result to the node itself, later, in an
   * action of its own.
   *
   * @param self the machine
   * @param effect what the node wants to be done
   * @param control the machine's
   * @return whether it takes it; if not, the world performs it
   */
  boolean takes(SimNode self, Effect effect, World.Control control);

  /**
   * Hears what the node tells.
   *
   * @param self the machine
   * @param event what it told
   * @param control the machine's
   */
  void onEvent(SimNode self, EngineEvent event, World.Control control);
}
