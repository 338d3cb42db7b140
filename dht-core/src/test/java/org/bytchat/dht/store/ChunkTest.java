package org.bytchat.dht.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.ParseOutcome.Fault;
import org.junit.jupiter.api.Test;

/** Goal: a chunk is read and made as the protocol says, and no other bytes are taken for one. */
class ChunkTest {

  private static final NodeId ID = Keys.sha1(new byte[] {7});

  @Test
  void leaf_layoutAndKey_areThoseOfTheProtocol() {
    Chunk leaf = Chunk.leaf(new byte[] {5, 6}, 258);
    assertThat(leaf.bytes()).isEqualTo(new byte[] {2, 0, 0, 0, 0, 0, 0, 1, 2, 0, 5, 6});
    assertThat(leaf.key()).isEqualTo(Keys.sha1(new byte[] {0, 5, 6}));
    assertThat(leaf.isIndex()).isFalse();
    assertThat(leaf.data()).isEqualTo(new byte[] {5, 6});
    assertThat(leaf.expiresMillis()).isEqualTo(258);
    assertThat(Items.parsed(leaf.bytes())).isEqualTo(leaf).hasSameHashCodeAs(leaf);
    assertThatThrownBy(leaf::ids).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void index_layoutAndKey_areThoseOfTheProtocol() {
    Chunk index = Chunk.index(List.of(ID, NodeId.ZERO), 1);
    ByteBuffer content = ByteBuffer.allocate(41).put((byte) 1).put(ID.toBytes());
    assertThat(index.bytes())
        .isEqualTo(ByteBuffer.allocate(50).put((byte) 2).putLong(1).put(content.array()).array());
    assertThat(index.key()).isEqualTo(Keys.sha1(content.array()));
    assertThat(index.isIndex()).isTrue();
    assertThat(index.ids()).containsExactly(ID, NodeId.ZERO);
    assertThat(Items.parsed(index.bytes())).isEqualTo(index);
    assertThatThrownBy(index::data).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void withExpires_anyTime_keepsContentAndKey() {
    Chunk leaf = Chunk.leaf(new byte[] {5, 6}, 258);
    Chunk later = leaf.withExpiresMillis(1_000);
    assertThat(later).isEqualTo(Chunk.leaf(new byte[] {5, 6}, 1_000));
    assertThat(later.key()).isEqualTo(leaf.key());
    assertThat(leaf.expiresMillis()).isEqualTo(258);
    assertThatThrownBy(() -> leaf.withExpiresMillis(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void made_outOfRange_isRefused() {
    assertThat(Chunk.leaf(new byte[959], 0).size()).isEqualTo(969);
    assertThat(Chunk.index(Collections.nCopies(45, ID), 0).ids()).hasSize(45);
    assertThatThrownBy(() -> Chunk.leaf(new byte[0], 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not a chunk: 1 bytes of content, expires 0");
    assertThatThrownBy(() -> Chunk.leaf(new byte[960], 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Chunk.leaf(new byte[1], -1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Chunk.index(List.of(), 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Chunk.index(Collections.nCopies(46, ID), 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void parse_noChunk_namesTheFault() {
    assertThat(fault(8, 0)).isEqualTo(Fault.TRUNCATED);
    assertThat(fault(9, 0)).isEqualTo(Fault.CHUNK_CONTENT);
    assertThat(fault(10, 0)).isEqualTo(Fault.CHUNK_CONTENT);
    assertThat(fault(970, 0)).isEqualTo(Fault.CHUNK_CONTENT);
    assertThat(fault(29, 1)).isEqualTo(Fault.CHUNK_CONTENT);
    assertThat(fault(31, 1)).isEqualTo(Fault.CHUNK_CONTENT);
    assertThat(fault(10 + 46 * 20, 1)).isEqualTo(Fault.CHUNK_CONTENT);
    assertThat(fault(30, 2)).isEqualTo(Fault.CHUNK_CONTENT);
    byte[] negative = chunk(12, 0);
    negative[1] = (byte) 0x80;
    assertThat(MutableRecordTest.fault(negative)).isEqualTo(Fault.TIME);
  }

  private static Fault fault(int size, int type) {
    return MutableRecordTest.fault(chunk(size, type));
  }

  private static byte[] chunk(int size, int type) {
    byte[] bytes = new byte[size];
    bytes[0] = 2;
    if (size > 9) {
      bytes[9] = (byte) type;
    }
    return bytes;
  }
}
