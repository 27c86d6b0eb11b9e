package io.matriarch.ambassador;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.matriarch.ambassador.core.HoldSettings;
import io.matriarch.ambassador.core.RampSettings;
import io.matriarch.ambassador.core.Timeouts;
import io.matriarch.ambassador.relay.ListenSettings;
import io.matriarch.ambassador.relay.SocketSettings;
import io.matriarch.ambassador.view.RoutingPolicy;
import io.matriarch.elector.situation.Epoch;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class AmbassadorSettingsTest {

    private static final InetSocketAddress ANY = new InetSocketAddress(0);
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void the_defaults_are_those_of_the_manual() {
        AmbassadorSettings settings = AmbassadorSettings.on(ANY, ANY);

        assertThat(settings.hold().maxHeld()).isEqualTo(1_000);
        assertThat(settings.hold().maxWait()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.hold().readOnlyWait()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.timeouts().connect()).isEqualTo(SECOND);
        assertThat(settings.timeouts().cancel()).isEqualTo(SECOND);
        assertThat(settings.ramp()).isEqualTo(new RampSettings(20, 200, 16));
        assertThat(settings.routing().maxLagBytes()).isEqualTo(16L << 20);
        assertThat(settings.socket().highWater()).isEqualTo(64 << 10);
        assertThat(settings.socket().userTimeout()).isEqualTo(Duration.ZERO);
        assertThat(settings.stateDirectory()).isNull();
    }

    @Test
    void what_cannot_be_is_refused_by_name() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HoldSettings(1, SECOND, SECOND.plusMillis(1), true, SECOND))
                .withMessageContaining("read-only-wait")
                .withMessageContaining("max-wait");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HoldSettings(-1, SECOND, SECOND, true, SECOND))
                .withMessageContaining("max-held: -1");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new Timeouts(SECOND, Duration.ZERO, SECOND, SECOND, SECOND, SECOND))
                .withMessageContaining("connect-timeout");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RampSettings(0, 1, 1))
                .withMessageContaining("concurrent-logins: 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RoutingPolicy(-1, SECOND, SECOND))
                .withMessageContaining("max-lag-bytes: -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ListenSettings(ANY, ANY, 0, 1, 1))
                .withMessageContaining("max-sessions: 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SocketSettings(SECOND, SECOND, 1, SECOND, 2, 1))
                .withMessageContaining("low-water: 2");
    }

    @Test
    void an_epoch_file_that_is_garbage_is_refused_and_not_forgotten(@TempDir Path dir)
            throws IOException {
        EpochFile file = new EpochFile(dir);
        assertThat(file.read()).isEqualTo(Epoch.NONE);
        file.write(new Epoch(12));
        assertThat(file.read()).isEqualTo(new Epoch(12));

        Files.writeString(dir.resolve("ambassador.epoch"), "twelve");

        assertThatIllegalArgumentException().isThrownBy(file::read).withMessageContaining("twelve");
    }
}
