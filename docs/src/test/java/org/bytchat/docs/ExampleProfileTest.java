package org.bytchat.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.bytchat.dht.Profile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The program of {@link ExampleProfile} does what it says. */
@Timeout(120)
class ExampleProfileTest {

  @Test
  void publishAndRead_picture_isReadThroughEachNode() throws Exception {
    Profile profile = new Profile("Ann", new byte[20_000]);
    List<Profile.Found> found = ExampleProfile.publishAndRead(profile);
    assertThat(found).hasSize(6).extracting(Profile.Found::profile).containsOnly(profile);
  }

  @Test
  void main_always_ends() throws Exception {
    ExampleProfile.main(new String[0]);
    assertThat(
            Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("bytchat-loop")))
        .isEmpty();
  }
}
