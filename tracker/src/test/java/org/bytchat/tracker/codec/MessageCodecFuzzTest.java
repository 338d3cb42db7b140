package org.bytchat.tracker.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Goal: no bytes make the decoder throw, and what it accepts is consistent.
 *
 * <p>The normal build runs the saved inputs; {@code JAZZER_FUZZ=1} looks for new ones.
 */
class MessageCodecFuzzTest {

  @FuzzTest(maxDuration = "3m")
  void decode_anyBytes_staysConsistent(byte[] frame) {
    new MessageCodecHarness().checkAnyBytes(frame);
  }
}
