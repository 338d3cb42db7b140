package org.bytchat.dht.config;

import org.apiguardian.api.API;

/**
 * All that a node's engine is told.
 *
 * <p>The constructor throws {@link IllegalArgumentException} if a value is out of its range; the
 * message has the name, the range and the value.
 *
 * @param network the network's name; nodes of other networks are not heard, default {@code bytchat}
 * @param scope which addresses are talked to, default {@link Scope#PUBLIC}
 * @param services service bits that this node offers; 0 to 255, default 0
 * @param readOnly whether the node stays out of everybody's table for good, default false
 * @param assumeReachable whether the node is full from the start, without having been reached from
 *     outside first; always so in {@link Scope#LOCAL}, default false
 * @param proofOfId whether a contact must prove that it holds the key of its id before it enters
 *     the table, default true
 * @param routing the routing table
 * @param lookup requests and lookups
 * @param limits what strangers may cost
 * @param store what is kept for others
 * @param defences what is done against peers that lie
 * @param dialect what is spoken, default {@link Dialect#BYTCHAT}; Mainline's has neither proofs of
 *     id nor services nor networks, and all of its nodes count as reachable
 */
@API(status = API.Status.EXPERIMENTAL)
public record DhtConfig(
    String network,
    Scope scope,
    int services,
    boolean readOnly,
    boolean assumeReachable,
    boolean proofOfId,
    RoutingConfig routing,
    LookupConfig lookup,
    LimitsConfig limits,
    StoreConfig store,
    DefenceConfig defences,
    Dialect dialect) {

  /** The network that a node is in unless told otherwise. */
  public static final String DEFAULT_NETWORK = "bytchat";

  /** The k of BEP 5. */
  private static final int MAINLINE_BUCKET_SIZE = 8;

  public DhtConfig {
    if (network.isEmpty() || network.length() > 64) {
      throw new IllegalArgumentException("network must have 1..64 characters: '" + network + "'");
    }
    Checks.range("services", services, 0, 255);
    if (defences.puzzleBits() > 0 && !proofOfId) {
      throw new IllegalArgumentException(
          "puzzleBits must be 0 without proofOfId, as no id is checked: " + defences.puzzleBits());
    }
    if (dialect == Dialect.MAINLINE && (proofOfId || services != 0)) {
      throw new IllegalArgumentException(
          "the Mainline dialect has neither proofOfId nor services, see withDialect");
    }
  }

  /**
   * Returns the defaults.
   *
   * @return the defaults
   */
  public static DhtConfig defaults() {
    return new DhtConfig(
        DEFAULT_NETWORK,
        Scope.PUBLIC,
        0,
        false,
        false,
        true,
        RoutingConfig.defaults(),
        LookupConfig.defaults(),
        LimitsConfig.defaults(),
        StoreConfig.defaults(),
        DefenceConfig.defaults(),
        Dialect.BYTCHAT);
  }

  /**
   * Returns a copy in another scope.
   *
   * @param other the scope
   * @return the copy
   */
  public DhtConfig withScope(Scope other) {
    return new DhtConfig(
        network,
        other,
        services,
        readOnly,
        assumeReachable,
        proofOfId,
        routing,
        lookup,
        limits,
        store,
        defences,
        dialect);
  }

  /**
   * Returns a copy for another network.
   *
   * @param name the network's name
   * @return the copy
   */
  public DhtConfig withNetwork(String name) {
    return new DhtConfig(
        name,
        scope,
        services,
        readOnly,
        assumeReachable,
        proofOfId,
        routing,
        lookup,
        limits,
        store,
        defences,
        dialect);
  }

  /**
   * Returns a copy with other service bits.
   *
   * @param bits 0 to 255
   * @return the copy
   */
  public DhtConfig withServices(int bits) {
    return new DhtConfig(
        network,
        scope,
        bits,
        readOnly,
        assumeReachable,
        proofOfId,
        routing,
        lookup,
        limits,
        store,
        defences,
        dialect);
  }

  /**
   * Returns a copy that stays read-only, or does not.
   *
   * @param value whether it does
   * @return the copy
   */
  public DhtConfig withReadOnly(boolean value) {
    return new DhtConfig(
        network,
        scope,
        services,
        value,
        assumeReachable,
        proofOfId,
        routing,
        lookup,
        limits,
        store,
        defences,
        dialect);
  }

  /**
   * Returns a copy that takes its reachability for granted, or does not.
   *
   * @param value whether it does
   * @return the copy
   */
  public DhtConfig withAssumeReachable(boolean value) {
    return new DhtConfig(
        network, scope, services, readOnly, value, proofOfId, routing, lookup, limits, store,
        defences, dialect);
  }

  /**
   * Returns a copy that asks for proofs of id, or does not.
   *
   * @param value whether it does
   * @return the copy
   */
  public DhtConfig withProofOfId(boolean value) {
    return new DhtConfig(
        network,
        scope,
        services,
        readOnly,
        assumeReachable,
        value,
        routing,
        lookup,
        limits,
        store,
        defences,
        dialect);
  }

  /**
   * Returns a copy with another routing configuration.
   *
   * @param value the configuration
   * @return the copy
   */
  public DhtConfig withRouting(RoutingConfig value) {
    return new DhtConfig(
        network,
        scope,
        services,
        readOnly,
        assumeReachable,
        proofOfId,
        value,
        lookup,
        limits,
        store,
        defences,
        dialect);
  }

  /**
   * Returns a copy with another lookup configuration.
   *
   * @param value the configuration
   * @return the copy
   */
  public DhtConfig withLookup(LookupConfig value) {
    return new DhtConfig(
        network,
        scope,
        services,
        readOnly,
        assumeReachable,
        proofOfId,
        routing,
        value,
        limits,
        store,
        defences,
        dialect);
  }

  /**
   * Returns a copy with other limits.
   *
   * @param value the limits
   * @return the copy
   */
  public DhtConfig withLimits(LimitsConfig value) {
    return new DhtConfig(
        network,
        scope,
        services,
        readOnly,
        assumeReachable,
        proofOfId,
        routing,
        lookup,
        value,
        store,
        defences,
        dialect);
  }

  /**
   * Returns a copy with another store configuration.
   *
   * @param value the configuration
   * @return the copy
   */
  public DhtConfig withStore(StoreConfig value) {
    return new DhtConfig(
        network,
        scope,
        services,
        readOnly,
        assumeReachable,
        proofOfId,
        routing,
        lookup,
        limits,
        value,
        defences,
        dialect);
  }

  /**
   * Returns a copy with other defences.
   *
   * @param value the configuration
   * @return the copy
   */
  public DhtConfig withDefences(DefenceConfig value) {
    return new DhtConfig(
        network,
        scope,
        services,
        readOnly,
        assumeReachable,
        proofOfId,
        routing,
        lookup,
        limits,
        store,
        value,
        dialect);
  }

  /**
   * Returns a copy that speaks another dialect, with what that demands: in Mainline's k = 8 (BEP
   * 5), and neither services nor anything that needs proofs of id. Nothing is undone for ours.
   *
   * @param value the dialect
   * @return the copy
   */
  public DhtConfig withDialect(Dialect value) {
    boolean isMainline = value == Dialect.MAINLINE;
    return new DhtConfig(
        network,
        scope,
        isMainline ? 0 : services,
        readOnly,
        assumeReachable,
        proofOfId && !isMainline,
        isMainline ? routing.withBucketSize(MAINLINE_BUCKET_SIZE) : routing,
        lookup,
        limits,
        store,
        isMainline ? defences.withSecureIds() : defences,
        value);
  }
}
