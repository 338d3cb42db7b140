package org.bytchat.sim.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The figures of a run, as scripts read them. */
class SummaryTest {

  @TempDir private Path temp;

  @Test
  void line_hasPlainValuesInTheOrderOfPutting() {
    Summary summary =
        new Summary()
            .put("seed", -3L)
            .put("trace_hash", "00ff")
            .put("share", 0.1 + 0.2)
            .put("rate", 1e6)
            .put("none", Double.NaN)
            .put("verdict", Verdict.PASSED)
            .put("partial", false)
            .put("list", Arrays.asList(1, null, Map.of("a", Double.POSITIVE_INFINITY)))
            .detail("long", "story");
    assertThat(summary.line())
        .isEqualTo(
            "{\"seed\":-3,\"trace_hash\":\"00ff\",\"share\":0.3,\"rate\":1000000,\"none\":null,"
                + "\"verdict\":\"PASSED\",\"partial\":false,\"list\":[1,null,{\"a\":null}]}");
  }

  @Test
  void write_hasDetailsAndBuckets() throws IOException {
    LogHistogram histogram = new LogHistogram();
    histogram.record(100, 3);
    Summary summary = new Summary().put("ms", histogram).detail("nodes", 5);
    summary.write(RunFolder.open(temp));
    ObjectMapper json = new ObjectMapper();
    JsonNode file = json.readTree(Files.readString(temp.resolve(Summary.FILE)));
    assertThat(file.get("nodes").asInt()).isEqualTo(5);
    Map<?, ?> map = json.convertValue(file.get("ms"), Map.class);
    assertThat(LogHistogram.fromMap(map).toMap()).isEqualTo(histogram.toMap());
    JsonNode line = json.readTree(summary.line());
    assertThat(line.get("ms").get("p50").asInt()).isEqualTo(100);
    assertThat(line.get("ms").has("hdr")).isFalse();
    assertThat(line.has("nodes")).isFalse();
  }
}
