package org.bytchat.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.bytchat.tracker.session.Session;
import org.bytchat.tracker.session.SessionConfig;
import org.bytchat.tracker.session.SessionCounter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Goal: {@code docs/sessions.md} and the code of sessions say the same. */
class SessionsDocumentTest {

  private static final String TEXT = RepositoryTree.find().read("docs/sessions.md");

  private static final MarkdownDocument DOCUMENT = MarkdownDocument.parse(TEXT);

  static Stream<Record> records() {
    SessionConfig config = SessionConfig.defaults();
    return Stream.of(config, config.total(), config.perSource(), config.times());
  }

  @ParameterizedTest
  @MethodSource("records")
  void settings_haveTheDefaultsOfTheCode(Record defaults) throws ReflectiveOperationException {
    Map<String, String> expected = new LinkedHashMap<>();
    for (RecordComponent component : defaults.getClass().getRecordComponents()) {
      Object value = component.getAccessor().invoke(defaults);
      if (!(value instanceof Record)) {
        expected.put(component.getName(), render(value));
      }
    }
    String heading = defaults.getClass().getSimpleName();
    assertThat(List.copyOf(DOCUMENT.table(heading, "Name").map("Name", "Default").entrySet()))
        .isEqualTo(List.copyOf(expected.entrySet()));
  }

  private static String render(Object value) {
    if (value instanceof Integer number) {
      return String.format(Locale.ROOT, "%,d", number);
    }
    if (value instanceof Duration time) {
      return time.toSeconds() % 60 == 0 ? time.toMinutes() + " min" : time.toSeconds() + " s";
    }
    return value.toString();
  }

  @Test
  void counters_areThoseOfTheCode() {
    List<String> names = new ArrayList<>();
    for (SessionCounter counter : SessionCounter.values()) {
      names.add(counter.name());
    }
    assertThat(DOCUMENT.table("Counters", "Counter").column("Counter")).isEqualTo(names);
  }

  @Test
  void sizes_areThoseOfTheCode() {
    assertThat(TEXT.replaceAll("\\s+", " "))
        .contains(
            "carries 0 to %,d bytes of plaintext".formatted(Session.FRAME_BYTES_MAX),
            "the introduction, 0 to %,d bytes".formatted(Session.INTRODUCTION_BYTES_MAX));
  }
}
