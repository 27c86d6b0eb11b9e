package io.matriarch.postgres.datadir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.ControlFile.State;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ControlFileTest {

    /** A control file of {@code version}, laid out by hand. */
    private static byte[] content(int version, int crcOffset) {
        ByteBuffer bytes = ByteBuffer.allocate(8192).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(0, 7_710_560_163_503_247_947L);
        bytes.putInt(8, version);
        bytes.putInt(12, 202_209_061);
        bytes.putInt(16, 1); // DB_SHUTDOWNED
        bytes.putLong(24, 1_763_713_800L);
        bytes.putLong(32, Lsn.parse("0/6000028").value());
        bytes.putLong(40, Lsn.parse("0/6000028").value());
        bytes.putInt(48, 3);
        bytes.putInt(228, 16 << 20);
        bytes.putInt(252, 1);
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), 0, crcOffset);
        bytes.putInt(crcOffset, (int) crc.getValue());
        return bytes.array();
    }

    @Test
    void the_fields_are_where_postgresql_keeps_them() {
        ControlFile file = ControlFile.parse(content(1300, 288));

        assertThat(file.systemIdentifier())
                .isEqualTo(new SystemIdentifier(7_710_560_163_503_247_947L));
        assertThat(file.state().isCleanlyShutDown()).isTrue();
        assertThat(file.timeline()).isEqualTo(new TimelineId(3));
        assertThat(file.walSegmentSize()).isEqualTo(WalSegmentSize.DEFAULT);
        assertThat(file.hasDataChecksums()).isTrue();
        assertThat(file.endOfCheckpoint()).isEqualTo(Lsn.parse("0/600009A"));
    }

    @Test
    void only_a_server_that_took_writes_ends_its_log_with_a_checkpoint() {
        assertThat(ControlFile.State.values())
                .filteredOn(ControlFile.State::isCleanlyShutDown)
                .containsExactly(ControlFile.State.SHUT_DOWN);
    }

    @Test
    void version_18_has_its_checksum_later() {
        assertThat(ControlFile.parse(content(1800, 292)).controlVersion()).isEqualTo(1800);
    }

    @Test
    void a_flipped_bit_and_a_cut_file_are_refused() {
        byte[] flipped = content(1300, 288);
        flipped[33] ^= 1;

        assertThatThrownBy(() -> ControlFile.parse(flipped)).hasMessageContaining("checksum");
        assertThatThrownBy(() -> ControlFile.parse(new byte[100]))
                .hasMessageContaining("cut short");
    }

    private static ControlFile with(ControlFile.State state, ControlFile.HintBits hintBits) {
        ControlFile file = ControlFile.parse(content(1300, 288));
        return new ControlFile(
                file.systemIdentifier(),
                file.controlVersion(),
                file.catalogVersion(),
                state,
                file.written(),
                file.checkpoint(),
                file.redo(),
                file.timeline(),
                file.minRecoveryPoint(),
                file.minRecoveryTimeline(),
                file.walSegmentSize(),
                hintBits);
    }

    @Test
    void a_primary_that_crashed_can_be_rewound_where_its_recovery_can_begin() {
        ControlFile crashed = with(State.IN_PRODUCTION, new ControlFile.HintBits(false, true));

        assertThat(crashed.obstacleToRewind(false, true)).isEmpty();
        assertThat(crashed.obstacleToRewind(false, false).orElse(""))
                .contains("0/6000028")
                .contains("gone");
    }

    @Test
    void a_standby_that_crashed_cannot_be_rewound_and_one_that_was_shut_down_can() {
        ControlFile.HintBits hintBits = new ControlFile.HintBits(true, false);

        assertThat(with(State.IN_ARCHIVE_RECOVERY, hintBits).obstacleToRewind(true, true))
                .isPresent();
        assertThat(with(State.SHUT_DOWN_IN_RECOVERY, hintBits).obstacleToRewind(true, false))
                .isEmpty();
    }

    @Test
    void without_checksums_and_logged_hints_nothing_can_be_rewound() {
        ControlFile file = with(State.SHUT_DOWN, new ControlFile.HintBits(false, false));

        assertThat(file.obstacleToRewind(false, true).orElse("")).contains("wal_log_hints");
    }

    @Test
    void logged_hints_are_told_from_none() {
        byte[] logged = content(1300, 288);
        logged[176] = 1;
        CRC32C crc = new CRC32C();
        crc.update(logged, 0, 288);
        ByteBuffer.wrap(logged).order(ByteOrder.LITTLE_ENDIAN).putInt(288, (int) crc.getValue());

        assertThat(ControlFile.parse(logged).hintBits().areLogged()).isTrue();
        assertThat(ControlFile.parse(content(1300, 288)).hintBits().areLogged()).isFalse();
    }
}
