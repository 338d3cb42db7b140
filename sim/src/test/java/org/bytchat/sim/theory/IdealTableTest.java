package org.bytchat.sim.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the formulas of full tables against the numbers that are printed for them. */
class IdealTableTest {

  private static final int[] SIZE_NODES = {1_000, 10_000, 15_371, 100_000, 1_000_000, 10_000_000};

  private static final Map<Integer, double[]> SIZES =
      Map.of(
          8, new double[] {62.5, 89.1, 94.1, 115.7, 142.3, 168.9},
          16, new double[] {109.8, 163.0, 172.9, 216.1, 269.3, 322.5},
          20, new double[] {130.9, 197.5, 209.8, 263.9, 330.2, 396.8});

  @ParameterizedTest
  @CsvSource({"9, 15.01, 0.005", "13, 0.938, 0.0005"})
  void bucketFill_candidatesOfRfm19_arePrinted(int bucket, double candidates, double printed) {
    assertThat(IdealTable.bucketFill(15_371, 1_000, bucket)).isCloseTo(candidates, within(printed));
  }

  @Test
  void bucketFill_smallNetwork_isTheSumByHand() {
    // Three others, each in bucket 0 with probability 1/2: 0 1 2 3 of them in 1 3 3 1 of 8 cases.
    assertThat(IdealTable.bucketFill(4, 2, 0)).isCloseTo((3 + 2 * 4) / 8.0, within(1e-12));
    assertThat(IdealTable.bucketFill(4, 3, 0)).isCloseTo(1.5, within(1e-12));
    assertThat(IdealTable.bucketFill(1, 20, 0)).isZero();
  }

  @Test
  void bucketFill_atTheEnds_isFullAndEmpty() {
    assertThat(IdealTable.bucketFill(10_000_000, 20, 0)).isEqualTo(20);
    assertThat(IdealTable.bucketFill(10_000_000, 20, 159)).isCloseTo(0, within(1e-13));
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 20})
  void size_ofEachNetwork_isPrinted(int bucketSize) {
    double[] printed = Objects.requireNonNull(SIZES.get(bucketSize));
    for (int i = 0; i < SIZE_NODES.length; i++) {
      // In exact fractions 1,000 nodes and k = 8 give 62.553, which is printed as 62.5.
      assertThat(IdealTable.size(SIZE_NODES[i], bucketSize))
          .as("n = %d", SIZE_NODES[i])
          .isCloseTo(printed[i], within(0.054));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1000, 10.30",
    "10000, 13.62",
    "15371, 14.24",
    "25000, 14.94",
    "100000, 16.94",
    "1000000, 20.26"
  })
  void closestPrefix_ofEachNetwork_isPrinted(int nodes, double printed) {
    assertThat(IdealTable.closestPrefix(nodes)).isCloseTo(printed, within(0.00501));
  }

  @Test
  void closestPrefix_ofOneNode_isOneBitOnAverage() {
    assertThat(IdealTable.closestPrefix(1)).isCloseTo(1, within(1e-12));
  }

  @Test
  void wrongArguments_areNamed() {
    assertThatThrownBy(() -> IdealTable.bucketFill(0, 20, 0)).hasMessageContaining("nodes");
    assertThatThrownBy(() -> IdealTable.bucketFill(9, 0, 0)).hasMessageContaining("bucketSize");
    assertThatThrownBy(() -> IdealTable.bucketFill(9, 20, 160)).hasMessageContaining("159");
    assertThatThrownBy(() -> IdealTable.closestPrefix(0)).hasMessageContaining("nodes");
  }
}
