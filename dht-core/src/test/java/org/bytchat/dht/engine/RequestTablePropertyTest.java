package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.wire.Method;

/** The table of requests does what a map does, also when ids share their last bits. */
class RequestTablePropertyTest {

  private static final int OPERATIONS = 3000;

  @SeededTest(runs = 20)
  void operations_random_sameAsAMap(long seed) {
    Random random = Seeds.random(seed);
    RequestTable table = new RequestTable();
    Map<Long, Request> map = new TreeMap<>();
    int most = 1 + random.nextInt(200);
    for (int i = 0; i < OPERATIONS; i++) {
      boolean fills = i / 500 % 2 == 0;
      if (map.size() < most && random.nextInt(10) < (fills ? 7 : 3)) {
        Request request =
            new Request(Request.Purpose.CHECK, Method.PING, TestContacts.endpoint(1), null);
        // Few of the low bits differ, so that most collide.
        request.transactionId = random.nextLong() & ~0xff0L;
        if (map.putIfAbsent(request.transactionId, request) == null) {
          table.add(request);
        }
      } else if (!map.isEmpty()) {
        long id = new ArrayList<>(map.keySet()).get(random.nextInt(map.size()));
        Request gone = map.remove(id);
        if (gone != null) {
          table.remove(gone);
          table.remove(gone);
        }
        assertThat(table.get(id)).isNull();
      }
      assertThat(table.size()).isEqualTo(map.size());
      map.forEach((id, request) -> assertThat(table.get(id)).isSameAs(request));
      assertThat(table.get(random.nextLong() | 0x10)).isNull();
    }
  }
}
