package org.bytchat.sim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.List;
import org.bytchat.dht.keyspace.Endpoint;
import org.junit.jupiter.api.Test;

/** Addresses of nodes, and back. */
class AddressPlanTest {

  @Test
  void indexOf_isTheInverseForAMillionNodes() {
    AddressPlan plan = new AddressPlan(1, 1_000_000);
    BitSet subnets = new BitSet(1 << 24);
    int[] perNetwork = new int[1 << 16];
    for (int node = 0; node < plan.nodes(); node++) {
      Endpoint endpoint = plan.endpoint(node);
      assertTrue(endpoint.isRoutable(), endpoint);
      assertTrue(plan.indexOf(endpoint) == node, endpoint);
      assertTrue(!subnets.get((int) endpoint.subnet()), endpoint);
      assertTrue(endpoint.port() >= 1024, endpoint);
      int host = (int) endpoint.addressLow() & 0xff;
      assertTrue(host >= 1 && host <= 254, endpoint);
      subnets.set((int) endpoint.subnet());
      perNetwork[(int) endpoint.network()]++;
    }
    int most = 1_000_000 / (AddressPlan.capacity() / 256) + 1;
    assertThat(most).isEqualTo(18);
    for (int count : perNetwork) {
      assertThat(count).isLessThanOrEqualTo(most);
    }
  }

  @Test
  void indexOf_holdsAtTheCapacity() {
    AddressPlan plan = new AddressPlan(2, AddressPlan.capacity());
    assertThat(AddressPlan.capacity()).isGreaterThan(14_000_000);
    for (int node = AddressPlan.capacity() - 100_000; node < plan.nodes(); node++) {
      assertTrue(plan.indexOf(plan.endpoint(node)) == node, node);
    }
    for (int node = 0; node < plan.nodes(); node += 997) {
      assertTrue(plan.indexOf(plan.endpoint(node)) == node, node);
    }
  }

  @Test
  void indexOf_whatNobodyHas_isNobody() {
    AddressPlan plan = new AddressPlan(3, 1_000);
    AddressPlan larger = new AddressPlan(3, 200_000);
    for (int node = 0; node < 1_000; node++) {
      Endpoint endpoint = plan.endpoint(node);
      int address = (int) endpoint.addressLow();
      assertThat(plan.indexOf(Endpoint.ofIpv4(address, endpoint.port() ^ 1))).isEqualTo(-1);
      assertThat(plan.indexOf(Endpoint.ofIpv4(address ^ 1, endpoint.port()))).isEqualTo(-1);
      assertThat(plan.indexOf(Endpoint.ofIpv4(address ^ 256, endpoint.port()))).isEqualTo(-1);
    }
    assertThat(plan.indexOf(Endpoint.ofIpv4(127 << 24 | 1, 5_000))).isEqualTo(-1);
    assertThat(plan.indexOf(Endpoint.ofIpv4(0, 0))).isEqualTo(-1);
    assertThat(plan.indexOf(Endpoint.ofIpv4(-1, 65_535))).isEqualTo(-1);
    assertThat(plan.indexOf(Endpoint.ofIpv6(0x2a00L << 48, 1, 5_000))).isEqualTo(-1);
    for (int node = 1_000; node < larger.nodes(); node++) {
      assertTrue(plan.indexOf(larger.endpoint(node)) == -1, node);
    }
  }

  @Test
  void specialBlocks_areLeftOut() {
    AddressPlan plan = new AddressPlan(4, AddressPlan.capacity() / 256);
    BitSet networks = new BitSet(1 << 16);
    for (int node = 0; node < plan.nodes(); node++) {
      networks.set((int) plan.endpoint(node).network());
    }
    int[][] special = {
      {0, 0}, {10, 7}, {100, 64}, {100, 127}, {127, 0}, {169, 254}, {172, 16}, {172, 31},
      {192, 0}, {192, 31}, {192, 52}, {192, 88}, {192, 168}, {192, 175}, {198, 18}, {198, 19},
      {198, 51}, {203, 0}, {224, 0}, {240, 0}, {255, 255}
    };
    for (int[] network : special) {
      assertThat(networks.get(network[0] << 8 | network[1])).isFalse();
    }
    int[][] usual = {{1, 1}, {100, 63}, {100, 128}, {172, 15}, {172, 32}, {198, 17}, {223, 255}};
    for (int[] network : usual) {
      assertThat(networks.get(network[0] << 8 | network[1])).isTrue();
    }
  }

  @Test
  void groups_areInSubnetsOfTheirOwn() {
    List<AddressPlan.Group> groups =
        List.of(new AddressPlan.Group(900, 600, 2), new AddressPlan.Group(1_600, 100, 100));
    AddressPlan plan = new AddressPlan(5, 2_000, groups);
    AddressPlan plain = new AddressPlan(5, 2_000);
    BitSet[] networks = {new BitSet(), new BitSet()};
    BitSet others = new BitSet(1 << 16);
    for (int node = 0; node < 2_000; node++) {
      Endpoint endpoint = plan.endpoint(node);
      assertTrue(plan.indexOf(endpoint) == node, node);
      int group = node >= 900 && node < 1_500 ? 0 : node >= 1_600 && node < 1_700 ? 1 : -1;
      if (group < 0) {
        assertThat(endpoint).isEqualTo(plain.endpoint(node));
        others.set((int) endpoint.network());
      } else {
        assertThat(plan.indexOf(plain.endpoint(node))).isEqualTo(-1);
        networks[group].set((int) endpoint.network());
      }
    }
    assertThat(networks[0].cardinality()).isEqualTo(2);
    assertThat(networks[1].cardinality()).isEqualTo(100);
    assertThat(networks[0].intersects(networks[1])).isFalse();
    assertThat(others.intersects(networks[0]) || others.intersects(networks[1])).isFalse();
  }

  @Test
  void nobody_isWhereNobodyIs() {
    AddressPlan plan = new AddressPlan(6, 100_000, List.of(new AddressPlan.Group(0, 50_000, 1)));
    for (long bits = 0; bits < 10_000; bits++) {
      Endpoint endpoint = plan.nobody(bits);
      assertTrue(plan.indexOf(endpoint) == -1 && endpoint.isRoutable(), endpoint);
    }
  }

  @Test
  void seeds_giveOtherAddresses() {
    AddressPlan one = new AddressPlan(1, 100);
    AddressPlan two = new AddressPlan(2, 100);
    int same = 0;
    for (int node = 0; node < 100; node++) {
      same += one.endpoint(node).network() == two.endpoint(node).network() ? 1 : 0;
    }
    assertThat(same).isLessThan(5);
  }

  @Test
  void nodes_outOfRange_areRefused() {
    assertThatThrownBy(() -> new AddressPlan(1, AddressPlan.capacity() + 1))
        .hasMessageContaining("nodes with addresses");
    assertThatThrownBy(() -> new AddressPlan(1, 10).endpoint(10))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  /** AssertJ is too slow for millions. */
  private static void assertTrue(boolean condition, Object what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
