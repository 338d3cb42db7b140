package org.bytchat.tracker.values;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Goal: no bytes make a parser of signed values throw, and what one takes has one form.
 *
 * <p>The normal build runs the saved inputs; {@code JAZZER_FUZZ=1} looks for new ones.
 */
class ValuesFuzzTest {

  @FuzzTest(maxDuration = "3m")
  void read_anyBytes_staysConsistent(byte[] bytes) {
    Format.readAsAll(bytes);
  }
}
