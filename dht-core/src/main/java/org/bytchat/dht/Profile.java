package org.bytchat.dht;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.store.BlobReference;
import org.bytchat.dht.store.MutableRecord;
import org.jspecify.annotations.Nullable;

/**
 * What a user shows of themselves. Immutable.
 *
 * <p>The constructors throw {@link IllegalArgumentException} if the name or the avatar is out of
 * its range.
 *
 * @param name 1 to {@link #NAME_BYTES_MAX} bytes as UTF-8
 * @param avatar a picture in whatever format, at most {@link #AVATAR_BYTES_MAX} bytes, empty for
 *     none; copied both ways
 */
@API(status = API.Status.EXPERIMENTAL)
public record Profile(String name, byte[] avatar) {

  /** The label of the record that a profile is, which says where it lies. */
  public static final String LABEL = "meta";

  /** The longest name, as UTF-8. */
  public static final int NAME_BYTES_MAX = 64;

  /** The longest avatar. */
  public static final int AVATAR_BYTES_MAX = BlobReference.SIZE_MAX;

  public Profile {
    int nameBytes = utf8Bytes(name);
    if (nameBytes < 1 || nameBytes > NAME_BYTES_MAX) {
      throw new IllegalArgumentException(
          "a name has 1 to " + NAME_BYTES_MAX + " bytes of UTF-8, not " + nameBytes);
    }
    if (avatar.length > AVATAR_BYTES_MAX) {
      throw new IllegalArgumentException(
          "an avatar has at most " + AVATAR_BYTES_MAX + " bytes, not " + avatar.length);
    }
    avatar = avatar.clone();
  }

  /**
   * Makes a profile without an avatar.
   *
   * @param name 1 to {@link #NAME_BYTES_MAX} bytes as UTF-8
   */
  public Profile(String name) {
    this(name, new byte[0]);
  }

  private static int utf8Bytes(String text) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      return bytes.remaining();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("a name must not have half of a surrogate pair", e);
    }
  }

  @Override
  public byte[] avatar() {
    return avatar.clone();
  }

  /**
   * Tells whether there is an avatar.
   *
   * @return whether there is
   */
  public boolean hasAvatar() {
    return avatar.length > 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Profile that
        && name.equals(that.name)
        && Arrays.equals(avatar, that.avatar);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + Arrays.hashCode(avatar);
  }

  @Override
  public String toString() {
    return "Profile[%s, avatar of %d bytes]".formatted(name, avatar.length);
  }

  /**
   * A profile as it was read.
   *
   * <p>The name is there even if the avatar is not: then the profile has none, {@code
   * avatarReference} is what to read it by later, and {@code avatarFailure} says why it is not
   * there.
   *
   * @param uid whose it is: who owns the key of this UID has signed it
   * @param profile its content
   * @param changed when the owner made it so, as they say
   * @param signed the record that it was read from
   * @param avatarReference what the record says of the avatar, null if there is none
   * @param avatarFailure why the avatar could not be read, null if it was or there is none
   */
  @API(status = API.Status.EXPERIMENTAL)
  public record Found(
      Uid uid,
      Profile profile,
      Instant changed,
      MutableRecord signed,
      @Nullable BlobReference avatarReference,
      @Nullable DhtException avatarFailure) {

    /**
     * Returns the record's sequence, to be named in a compare-and-swap.
     *
     * @return 1 to 2^63 - 1
     */
    public long sequence() {
      return signed.sequence();
    }

    /**
     * Returns when the record ends unless it is published again.
     *
     * @return when
     */
    public Instant expires() {
      return Instant.ofEpochMilli(signed.expiresMillis());
    }
  }
}
