package org.bytchat.sim.attack;

import java.util.Collection;
import org.bytchat.sim.scenario.Attack;

/**
 * What spoofers sent, and what victims got for it.
 *
 * @param sentDatagrams of the spoofers
 * @param sentBytes of the spoofers, without the headers of UDP and IP
 * @param reflectedDatagrams at the victims
 * @param reflectedBytes at the victims
 */
public record Reflection(
    long sentDatagrams, long sentBytes, long reflectedDatagrams, long reflectedBytes) {

  /**
   * Sums up.
   *
   * @param spoofers all that name these victims
   * @param victims all that they name
   * @param question what of it; {@link Attack.Question#ALL} for everything, verifying pings
   *     included
   * @return the sums
   */
  public static Reflection of(
      Collection<Spoofer> spoofers, Collection<SilentVictim> victims, Attack.Question question) {
    return new Reflection(
        spoofers.stream().mapToLong(each -> each.datagrams(question)).sum(),
        spoofers.stream().mapToLong(each -> each.bytes(question)).sum(),
        victims.stream().mapToLong(each -> each.datagrams(question)).sum(),
        victims.stream().mapToLong(each -> each.bytes(question)).sum());
  }

  /**
   * Returns how many bytes arrived for each that was sent.
   *
   * @return the factor, 0 if nothing was sent
   */
  public double factor() {
    return sentBytes == 0 ? 0 : (double) reflectedBytes / sentBytes;
  }
}
