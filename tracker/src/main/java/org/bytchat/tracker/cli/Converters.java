package org.bytchat.tracker.cli;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytchat.dht.DhtNodeBuilder;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.config.LimitsConfig;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.keyspace.NodeId;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads what options and configuration files say; messages are for users. */
final class Converters {

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9}) ?(ms|s|m|h|d)?");

  private Converters() {}

  /** An address to bind: a literal, as a name might mean several. */
  static final class Address implements ITypeConverter<InetAddress> {
    @Override
    public InetAddress convert(String value) {
      try {
        return InetAddresses.forString(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(
            "'" + value + "' is not an IP address like 192.0.2.1 or 2001:db8::1");
      }
    }
  }

  /** {@code HOST:PORT} or {@code [v6]:PORT}. */
  static final class Host implements ITypeConverter<HostAndPort> {
    @Override
    public HostAndPort convert(String value) {
      try {
        HostAndPort host =
            HostAndPort.fromString(value)
                .withDefaultPort(DhtNodeBuilder.DEFAULT_PORT)
                .requireBracketsForIPv6();
        if (!host.getHost().isEmpty() && host.getPort() != 0) {
          return host;
        }
      } catch (IllegalArgumentException e) {
        // Said below, in the user's words.
      }
      throw new TypeConversionException("'" + value + "' is not HOST:PORT or [IPv6]:PORT");
    }
  }

  /** A port, 0 for any. */
  static final class Port implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      return integer(value, 0, 65_535);
    }
  }

  /** Requests a second that one source may ask, 0 for no limit. */
  static final class Rate implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      int rate = integer(value, 0, 1_000_000);
      return LimitsConfig.defaults().withRequestsPerSecond(rate).requestsPerSecond();
    }
  }

  /** How many nodes a lookup is to find, or a demo is to have. */
  static final class Count implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      return integer(value, 1, Integer.MAX_VALUE);
    }
  }

  /** The name of a network. */
  static final class Network implements ITypeConverter<String> {
    @Override
    public String convert(String value) {
      try {
        return DhtConfig.defaults().withNetwork(value).network();
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("a network's name has 1 to 64 characters");
      }
    }
  }

  /** What a node speaks. */
  static final class DialectName implements ITypeConverter<Dialect> {

    @Override
    public Dialect convert(String value) {
      for (Dialect dialect : Dialect.values()) {
        if (text(dialect).equals(value.toLowerCase(Locale.ROOT))) {
          return dialect;
        }
      }
      throw new TypeConversionException(
          "'" + value + "' is not a dialect; use bytchat or mainline");
    }

    /** The name of a dialect, as it is given and printed. */
    static String text(Dialect dialect) {
      return dialect.name().toLowerCase(Locale.ROOT);
    }
  }

  /** A sequence number of an item. */
  static final class Sequence implements ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
      try {
        long number = Long.parseLong(value);
        if (number >= 0) {
          return number;
        }
      } catch (NumberFormatException e) {
        // Said below.
      }
      throw new TypeConversionException(
          "must be a whole number from 0 to " + Long.MAX_VALUE + ", not '" + value + "'");
    }
  }

  /** A key of 160 bits. */
  static final class Target implements ITypeConverter<NodeId> {
    @Override
    public NodeId convert(String value) {
      try {
        return NodeId.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("must be 40 hexadecimal digits, not '" + value + "'");
      }
    }
  }

  /** A key of 160 bits, or a user in place of the one where their own record lies. */
  static final class Key implements ITypeConverter<NodeId> {
    @Override
    public NodeId convert(String value) {
      if (value.toLowerCase(Locale.ROOT).matches("byt[12]1.*")) {
        return new User().convert(value).place();
      }
      try {
        return NodeId.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("'" + value + "' is not an id of 40 hexadecimal digits");
      }
    }
  }

  /** A user. */
  static final class User implements ITypeConverter<Uid> {
    @Override
    public Uid convert(String value) {
      try {
        return Uid.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("'" + value + "' is " + e.getMessage());
      }
    }
  }

  /** The version of a user's id. */
  static final class UidVersion implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      return integer(value, Uid.VERSION_1, Uid.VERSION_2);
    }
  }

  /** The number of an open file. */
  static final class Descriptor implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      return integer(value, 0, 65_535);
    }
  }

  /** How long to wait, as {@link #duration} reads it. */
  static final class Time implements ITypeConverter<Duration> {

    private static final Duration MIN = Duration.ofMillis(1);
    private static final Duration MAX = Duration.ofDays(1);

    @Override
    public Duration convert(String value) {
      Duration time = duration(value);
      if (time.compareTo(MIN) < 0 || time.compareTo(MAX) > 0) {
        throw new TypeConversionException("'" + value + "' is not from 1ms to 1d");
      }
      return time;
    }
  }

  /**
   * Reads a length of time: a number with {@code ms}, {@code s}, {@code m}, {@code h} or {@code d},
   * seconds without a unit, or ISO 8601 like {@code PT15M}.
   */
  static Duration duration(String value) {
    Matcher matcher = DURATION.matcher(value);
    if (!matcher.matches()) {
      try {
        return Duration.parse(value);
      } catch (DateTimeParseException e) {
        throw new TypeConversionException(
            "'" + value + "' is not a length of time like 500ms, 5s, 15m, 1h or 1d");
      }
    }
    long number = Long.parseLong(matcher.group(1));
    String unit = matcher.group(2);
    if (unit == null) {
      return Duration.ofSeconds(number);
    }
    return switch (unit) {
      case "ms" -> Duration.ofMillis(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      case "d" -> Duration.ofDays(number);
      default -> Duration.ofSeconds(number);
    };
  }

  /** Reads a decimal number within a range. */
  static int integer(String value, int min, int max) {
    return (int) integer(value, (long) min, (long) max);
  }

  /** Reads a decimal number within a range. */
  static long integer(String value, long min, long max) {
    try {
      long number = Long.parseLong(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, in the user's words.
    }
    throw new TypeConversionException("'" + value + "' is not a number from " + min + " to " + max);
  }
}
