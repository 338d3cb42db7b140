package org.bytchat.tracker.codec;

/** Thrown and caught in this package only: what a stranger sent is no such message. */
final class BadFrame extends Exception {
  private static final long serialVersionUID = 1;

  BadFrame(String reason) {
    super(reason, null, false, false);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
