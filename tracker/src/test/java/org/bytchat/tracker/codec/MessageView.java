package org.bytchat.tracker.codec;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.jspecify.annotations.Nullable;

/** What can be compared: messages whose arrays are compared by their content. */
final class MessageView {

  private MessageView() {}

  static Object of(@Nullable Object value) {
    if (value instanceof byte[] bytes) {
      return HexFormat.of().formatHex(bytes);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(MessageView::of).toList();
    }
    if (value instanceof Request || value instanceof Response || value instanceof Decoded) {
      return components((Record) value);
    }
    return value == null ? "null" : value;
  }

  private static List<Object> components(Record message) {
    List<Object> view = new ArrayList<>();
    view.add(message.getClass().getName());
    for (RecordComponent component : message.getClass().getRecordComponents()) {
      try {
        view.add(of(component.getAccessor().invoke(message)));
      } catch (ReflectiveOperationException e) {
        throw new LinkageError("a record without a public accessor", e);
      }
    }
    return view;
  }
}
