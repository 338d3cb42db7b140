package org.bytchat.sim.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The published numbers come out, each time the same. */
class ValidationTest {

  /** What RFM19.1 gives here with k = 20: a change shows that ids, tables or lookups changed. */
  private static final String PIN =
      "{\"experiment\":\"rfm19.1\",\"n\":25000,\"k\":20,\"measured\":1.9254,"
          + "\"expected\":1.926,\"tolerance\":0.015,\"ok\":true}";

  @Test
  void quick_allThatIsPublished_comesOut() {
    List<Experiment> all = new Validation(true, null).experiments().toList();
    assertThat(all).allMatch(Experiment::ok, "within its tolerance");
    assertThat(all.stream().map(Experiment::experiment).collect(Collectors.toSet()))
        .containsExactlyInAnyOrder(
            "rfm19.1",
            "table_b_greedy",
            "table_b_rpcs",
            "table_b_rounds",
            "table_b_depth",
            "table_b_exact",
            "ideal_table",
            "bucket_candidates",
            "bucket_fill",
            "closest_prefix");
    assertThat(published(all, "rfm19.1")).hasSize(4);
    assertThat(published(all, "table_b_greedy")).hasSize(9);
    assertThat(published(all, "table_b_rpcs")).hasSize(27);
    assertThat(published(all, "table_b_rounds")).hasSize(18);
    assertThat(published(all, "table_b_depth")).hasSize(18);
    // Single depths may be off by the error of 150 lookups, all of them together may not.
    for (String name : List.of("table_b_rpcs", "table_b_rounds", "table_b_depth")) {
      assertThat(
              published(all, name).stream()
                  .mapToDouble(each -> each.measured() / Objects.requireNonNull(each.expected()))
                  .average()
                  .orElseThrow())
          .as(name)
          .isCloseTo(1, within(0.01));
    }
  }

  private static List<Experiment> published(List<Experiment> all, String name) {
    return all.stream()
        .filter(each -> each.experiment().equals(name) && each.expected() != null)
        .toList();
  }

  @Test
  void quick_anotherBucketSize_isMeasuredAlone() {
    List<Experiment> all = new Validation(true, 13).experiments().toList();
    assertThat(all).allMatch(Experiment::ok);
    assertThat(all)
        .filteredOn(each -> !each.experiment().equals("closest_prefix"))
        .allMatch(each -> each.k() == 13);
    assertThat(published(all, "rfm19.1")).isEmpty();
    assertThat(published(all, "table_b_rpcs")).isEmpty();
    assertThat(published(all, "table_b_exact")).hasSize(9);
    Experiment hops = all.get(0);
    assertThat(hops.experiment()).isEqualTo("rfm19.1");
    // Between those of 10 and 20, which are published.
    assertThat(hops.measured()).isBetween(1.926, 2.165);
  }

  @Test
  void measured_isTheSameOnEveryMachine() {
    Experiment hops = new Validation(true, 20).trials().get(0).work().get().get(0);
    assertThat(hops.json()).isEqualTo(PIN);
    assertThat(new Validation(true, 20).trials().get(0).work().get()).containsExactly(hops);
  }

  @Test
  void full_hasTheLargestNetworksToo() {
    List<String> quick = new Validation(true, null).trials().stream().map(Trial::name).toList();
    List<String> full = new Validation(false, null).trials().stream().map(Trial::name).toList();
    assertThat(full).containsAll(quick).contains("table_b n=1000000 k=20");
    assertThat(quick).noneMatch(name -> name.contains("n=1000000"));
  }

  @Test
  void wrongBucketSize_isRefused() {
    assertThatThrownBy(() -> new Validation(true, 0)).hasMessageContaining("bucketSize");
    assertThatThrownBy(() -> new Validation(true, 257)).hasMessageContaining("bucketSize");
  }
}
