package org.bytchat.sim.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The access links of nodes. */
public final class BandwidthModel implements Model {

  private static final long[] DOWN_2019 = {
    52_000_000, 40_000_000, 18_000_000, 22_800_000, 22_800_000, 29_900_000
  };
  private static final long[] UP_2019 = {
    19_200_000, 20_700_000, 5_800_000, 15_700_000, 10_200_000, 11_300_000
  };

  private final @Nullable Regions regions;
  private final List<Bandwidth> links;

  private BandwidthModel(@Nullable Regions regions, List<Bandwidth> links) {
    this.regions = regions;
    this.links = links;
  }

  /**
   * Makes the same link for all nodes.
   *
   * @param link the link
   * @return the model
   */
  public static BandwidthModel uniform(Bandwidth link) {
    return new BandwidthModel(null, List.of(link));
  }

  /**
   * Makes links by SimBlock's table of regions. Its bottleneck between regions, 6 Mbit/s, is left
   * out: it is of a path, not of a node.
   *
   * @param regions where the nodes are
   * @param queueBytes the queues, 1,500 to 2^30 bytes
   * @return the model
   * @throws IllegalArgumentException if the queues are out of range
   */
  public static BandwidthModel of(Regions regions, int queueBytes) {
    List<Bandwidth> links = new ArrayList<>();
    for (int region = 0; region < Regions.COUNT; region++) {
      links.add(new Bandwidth(UP_2019[region], DOWN_2019[region], queueBytes));
    }
    return new BandwidthModel(regions, List.copyOf(links));
  }

  /**
   * Returns a node's link.
   *
   * @param node the node's number
   * @return the link, one object for all that have the same
   */
  public Bandwidth of(int node) {
    return links.get(regions == null ? 0 : regions.of(node));
  }

  @Override
  public String describe() {
    Bandwidth first = links.get(0);
    String rates =
        regions == null
            ? megabits(first.upBitsPerSecond())
                + " Mbit/s up, "
                + megabits(first.downBitsPerSecond())
                + " Mbit/s down"
            : "5.8 to 20.7 Mbit/s up, 18 to 52 Mbit/s down by region";
    return rates + ", queues of " + Units.number(first.queueBytes()) + " bytes";
  }

  private static String megabits(long bitsPerSecond) {
    return Units.number(bitsPerSecond * 1e-6);
  }

  @Override
  public String citation() {
    return regions == null ? "an assumption: the same link for all" : Regions.CITATION;
  }
}
