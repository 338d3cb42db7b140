package org.bytchat.dht.runtime;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import org.bytchat.dht.engine.Entropy;

/**
 * The platform's secure random numbers, read in blocks. Never a generator of our own: one number
 * seen on the wire must not tell the next. Not thread-safe.
 */
final class SecureEntropy implements Entropy {

  private static final int BLOCK_BYTES = 256;

  private final SecureRandom random;
  private final byte[] block = new byte[BLOCK_BYTES];
  private final ByteBuffer numbers = ByteBuffer.wrap(block).limit(0);

  SecureEntropy(SecureRandom random) {
    this.random = random;
  }

  static Streams streams(SecureRandom random) {
    return new Streams(
        new SecureEntropy(random), new SecureEntropy(random), new SecureEntropy(random));
  }

  @Override
  public long nextLong() {
    if (!numbers.hasRemaining()) {
      random.nextBytes(block);
      numbers.clear();
    }
    return numbers.getLong();
  }
}
