package org.bytchat.sim.mail;

import java.util.List;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.sim.kernel.Links;
import org.bytchat.sim.scenario.Mail;
import org.bytchat.tracker.codec.MessageCodec;
import org.bytchat.tracker.message.Response;
import org.jspecify.annotations.Nullable;

/** What all machines of a run share; immutable once the machines are there. */
final class MailWorld {

  private final Parts parts;
  private final MessageCodec sizer;
  private final @Nullable MessageCodec codec;
  private List<MailMachine> machines = List.of();

  /** What a run brings along. */
  interface Ground {

    /** What the clock of a machine shows. */
    long wallMillis(int node, long micros);

    /** Which place a contact has, -1 if none. */
    int indexOf(Contact contact);

    /** The key of a machine's node. */
    NodeIdentity identity(int node);
  }

  /**
   * What it is made of.
   *
   * @param mail what the scenario says
   * @param seed the run's
   * @param networkId the network
   * @param scheme what signs and verifies
   * @param isCodec whether messages are encoded and decoded
   * @param effectMicros how long a signature or a read takes
   * @param links delays
   * @param ground places, clocks and keys
   * @param users who writes to whom
   */
  record Parts(
      Mail mail,
      long seed,
      int networkId,
      SignatureScheme scheme,
      boolean isCodec,
      long effectMicros,
      Links links,
      Ground ground,
      Users users) {}

  MailWorld(Parts parts) {
    this.parts = parts;
    this.sizer = new MessageCodec(parts.scheme);
    this.codec = parts.isCodec ? sizer : null;
  }

  void settle(List<MailMachine> all) {
    machines = List.copyOf(all);
  }

  MailMachine machine(int index) {
    return machines.get(index);
  }

  Mail mail() {
    return parts.mail;
  }

  long seed() {
    return parts.seed;
  }

  int networkId() {
    return parts.networkId;
  }

  SignatureScheme scheme() {
    return parts.scheme;
  }

  @Nullable MessageCodec codec() {
    return codec;
  }

  /** Returns the length of an answer's frame. */
  int sizeOf(Response response) {
    return sizer.encode(0, response).length;
  }

  long effectMicros() {
    return parts.effectMicros;
  }

  Links links() {
    return parts.links;
  }

  long wallMillis(int node, long micros) {
    return parts.ground.wallMillis(node, micros);
  }

  int indexOf(Contact contact) {
    return parts.ground.indexOf(contact);
  }

  NodeIdentity identity(int node) {
    return parts.ground.identity(node);
  }

  Users users() {
    return parts.users;
  }
}
