package org.bytchat.tracker.values;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: what the tracker's files in {@code docs/vectors} tell other implementations is what this
 * one reads. {@code VectorsEncodingTest} makes their bytes and statements a second way.
 *
 * <p>{@code -Dvectors.write=true} writes the files, and the fuzzing seeds made of them, anew.
 */
class VectorsTest {

  private static final Ed25519Scheme ED25519 = Ed25519Scheme.INSTANCE;
  private static final int NETWORK = VectorFiles.NETWORK;
  private static final String SEEDS =
      "tracker/src/test/resources/org/bytchat/tracker/values/ValuesFuzzTestInputs"
          + "/read_anyBytes_staysConsistent";

  @BeforeAll
  static void write_onlyIfAsked() throws IOException {
    if (!Boolean.getBoolean("vectors.write")) {
      return;
    }
    for (Map.Entry<String, String> file : VectorFiles.generate().entrySet()) {
      Files.writeString(VectorFiles.folder().resolve(file.getKey()), file.getValue());
    }
    Files.createDirectories(seedFolder());
    for (Map.Entry<String, byte[]> seed : seeds().entrySet()) {
      Files.write(seedFolder().resolve(seed.getKey()), seed.getValue());
    }
  }

  @Test
  void committedFiles_areWhatTheGeneratorMakes() throws IOException {
    for (Map.Entry<String, String> file : VectorFiles.generate().entrySet()) {
      assertThat(Files.readString(VectorFiles.folder().resolve(file.getKey())))
          .as(file.getKey())
          .isEqualTo(file.getValue());
    }
  }

  @Test
  void committedFuzzSeeds_holdValues() throws IOException {
    for (Map.Entry<String, byte[]> seed : seeds().entrySet()) {
      assertThat(Files.readAllBytes(seedFolder().resolve(seed.getKey())))
          .as(seed.getKey())
          .isEqualTo(seed.getValue());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "devices, malformed, devices",
    "devices, malformedOwners, owner",
    "receipt, malformed, receipt",
    "ack, malformedBatches, ack",
    "ack, malformedProofs, proof",
    "delivery, malformed, delivery",
    "admission, malformed, admission",
  })
  void parse_malformed_isRefused(String file, String array, String format) {
    Format<?> parser =
        Format.ALL.stream().filter(one -> one.name().equals(format)).findFirst().orElseThrow();
    JsonNode entries = VectorFiles.read(file + ".json").get(array);
    assertThat(entries).hasSizeGreaterThan(5);
    for (JsonNode entry : entries) {
      assertThat(parser.read(bytes(entry))).as(entry.get("name").asText()).isEmpty();
    }
  }

  @Test
  void devices_badSignaturesAndKeys_areNotTaken() {
    JsonNode file = VectorFiles.read("devices.json");
    Owner owner = new Owner(2, VectorFiles.USER.publicKey());
    for (JsonNode entry : file.get("badSignatures")) {
      DeviceList list = DeviceList.parse(bytes(entry)).toOptional().orElseThrow();
      assertThat(list.verify(owner, NETWORK)).as(entry.get("name").asText()).isFalse();
    }
    for (JsonNode entry : file.get("unsoundKeys")) {
      DeviceList list = DeviceList.parse(bytes(entry)).toOptional().orElseThrow();
      assertThat(list.verify(owner, NETWORK)).isTrue();
      assertThat(list.hasSoundKeys(ED25519)).as(entry.get("name").asText()).isFalse();
    }
  }

  @Test
  void devices_lists_verifyAndStandAsSaid() {
    JsonNode file = VectorFiles.read("devices.json");
    Map<String, DeviceList> lists = new LinkedHashMap<>();
    for (JsonNode entry : file.get("lists")) {
      DeviceList list = Format.DEVICES.read(bytes(entry)).orElseThrow();
      byte[] ownerBytes = HexFormat.of().parseHex(entry.get("owner").asText());
      Owner owner = Format.OWNER.read(ownerBytes).orElseThrow();
      assertThat(list.verify(owner, NETWORK)).isTrue();
      assertThat(list.hasSoundKeys(ED25519)).isTrue();
      assertThat(list.version()).isEqualTo(entry.get("version").asLong());
      assertThat(list.content().devices()).hasSize(entry.get("devices").size());
      lists.put(entry.get("name").asText(), list);
    }
    for (JsonNode entry : file.get("standings")) {
      DeviceList offered = lists.get(entry.get("offered").asText());
      DeviceList held = lists.get(entry.get("held").asText());
      assertThat(offered.standing(held).name()).isEqualTo(entry.get("standing").asText());
    }
  }

  @Test
  void envelopes_headers_areReadAsSaid() {
    JsonNode file = VectorFiles.read("envelope.json");
    for (JsonNode entry : file.get("envelopes")) {
      Envelope envelope = Envelope.parse(envelope(entry)).toOptional().orElseThrow();
      assertThat(envelope.digest()).hasToString(entry.get("digest").asText());
      assertThat(envelope.mailbox()).hasToString(entry.get("mailbox").asText());
      assertThat(envelope.createdMillis()).isEqualTo(entry.get("created").asLong());
      assertThat(envelope.expiresMillis()).isEqualTo(entry.get("expires").asLong());
    }
    for (JsonNode entry : file.get("malformed")) {
      assertThat(Envelope.parse(envelope(entry)).toOptional())
          .as(entry.get("name").asText())
          .isEmpty();
    }
  }

  @Test
  void admissions_admitAsSaid() {
    JsonNode file = VectorFiles.read("admission.json");
    JsonNode first = VectorFiles.read("envelope.json").get("envelopes").get(0);
    Envelope envelope = Envelope.parse(envelope(first)).toOptional().orElseThrow();
    assertThat(envelope.digest()).hasToString(file.get("digest").asText());
    NodeId tracker = NodeId.parse(file.get("tracker").asText());
    for (JsonNode entry : file.get("byKey")) {
      Admission.ByKey read = (Admission.ByKey) Format.ADMISSION.read(bytes(entry)).orElseThrow();
      assertThat(read.verify(envelope, tracker, NETWORK, ED25519)).isTrue();
    }
    for (JsonNode entry : file.get("badSignatures")) {
      Admission.ByKey read = (Admission.ByKey) Format.ADMISSION.read(bytes(entry)).orElseThrow();
      assertThat(read.verify(envelope, tracker, NETWORK, ED25519)).isFalse();
    }
    for (JsonNode entry : file.get("byStamp")) {
      Admission.ByStamp read =
          (Admission.ByStamp) Format.ADMISSION.read(bytes(entry)).orElseThrow();
      assertThat(read.nonce()).isEqualTo(entry.get("nonce").asLong());
      assertThat(read.bits(envelope, tracker)).isEqualTo(entry.get("bits").asInt());
    }
  }

  @Test
  void receipts_verifyAsSaid() {
    JsonNode file = VectorFiles.read("receipt.json");
    for (JsonNode entry : file.get("receipts")) {
      Receipt receipt = Format.RECEIPT.read(bytes(entry)).orElseThrow();
      assertThat(receipt.verify(NETWORK, ED25519)).isTrue();
      assertThat(receipt.content().kind().name()).isEqualTo(entry.get("kind").asText());
      assertThat(receipt.tracker()).hasToString(entry.get("tracker").asText());
      assertThat(receipt.content().atMillis()).isEqualTo(entry.get("at").asLong());
    }
    NodeId tracker = NodeIdentity.idOf(VectorFiles.TRACKER.publicKey());
    for (JsonNode entry : file.get("badSignatures")) {
      Receipt receipt = Format.RECEIPT.read(bytes(entry)).orElseThrow();
      boolean isTaken = receipt.verify(NETWORK, ED25519) && receipt.tracker().equals(tracker);
      assertThat(isTaken).as(entry.get("name").asText()).isFalse();
    }
  }

  @Test
  void acks_verifyAsSaid() {
    JsonNode file = VectorFiles.read("ack.json");
    byte[] key = VectorFiles.PHONE.publicKey();
    for (JsonNode entry : file.get("batches")) {
      if (entry.has("bytes")) {
        AckBatch batch = Format.ACK.read(bytes(entry)).orElseThrow();
        assertThat(batch.verify(key, NETWORK, ED25519)).isTrue();
        assertThat(batch.digests()).hasSize(entry.get("count").asInt());
      }
      for (JsonNode proof : entry.get("proofs")) {
        AckProof read = Format.PROOF.read(bytes(proof)).orElseThrow();
        assertThat(read.verify(key, NETWORK, ED25519)).isTrue();
        assertThat(read.digest()).hasToString(proof.get("digest").asText());
      }
    }
    for (JsonNode entry : file.get("badBatches")) {
      AckBatch batch = Format.ACK.read(bytes(entry)).orElseThrow();
      assertThat(batch.verify(key, NETWORK, ED25519)).as(entry.get("name").asText()).isFalse();
    }
    for (JsonNode entry : file.get("badProofs")) {
      AckProof proof = Format.PROOF.read(bytes(entry)).orElseThrow();
      assertThat(proof.verify(key, NETWORK, ED25519)).as(entry.get("name").asText()).isFalse();
    }
  }

  @Test
  void deliveryKeys_verifyAndCountAsSaid() {
    JsonNode file = VectorFiles.read("delivery.json");
    Map<String, DeliveryKeys> lists = new LinkedHashMap<>();
    for (JsonNode entry : file.get("lists")) {
      boolean isPhone = entry.get("key").asText().equals("phone");
      TestDevice signer = isPhone ? VectorFiles.PHONE : VectorFiles.LAPTOP;
      DeliveryKeys list = Format.DELIVERY.read(bytes(entry)).orElseThrow();
      assertThat(list.verify(signer.publicKey(), NETWORK, ED25519)).isTrue();
      lists.put(entry.get("name").asText(), list);
    }
    for (JsonNode entry : file.get("supersedes")) {
      DeliveryKeys offered = lists.get(entry.get("offered").asText());
      assertThat(offered.supersedes(lists.get(entry.get("held").asText())))
          .isEqualTo(entry.get("counts").asBoolean());
    }
    for (JsonNode entry : file.get("badSignatures")) {
      DeliveryKeys list = Format.DELIVERY.read(bytes(entry)).orElseThrow();
      assertThat(list.verify(VectorFiles.PHONE.publicKey(), NETWORK, ED25519))
          .as(entry.get("name").asText())
          .isFalse();
    }
  }

  private static Path seedFolder() {
    return VectorFiles.folder().resolve("../..").resolve(SEEDS).normalize();
  }

  private static Map<String, byte[]> seeds() {
    Map<String, byte[]> seeds = new LinkedHashMap<>();
    Sample.all(1).forEach(sample -> seeds.put(sample.name() + ".bin", sample.bytes()));
    return seeds;
  }

  private static byte[] envelope(JsonNode entry) {
    byte[] header = HexFormat.of().parseHex(entry.get("header").asText());
    byte[] sealed = EnvelopeVectors.sealed(entry.get("length").asInt() - header.length);
    return new Fields().raw(header).raw(sealed).toBytes();
  }

  private static byte[] bytes(JsonNode entry) {
    return HexFormat.of().parseHex(entry.get("bytes").asText());
  }
}
