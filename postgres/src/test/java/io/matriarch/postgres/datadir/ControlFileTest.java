package io.matriarch.postgres.datadir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegmentSize;
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
}
