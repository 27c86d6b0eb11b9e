package io.matriarch.elector.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.elector.situation.Epoch;
import io.matriarch.postgres.BootTime;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ControlRecordTest {

    private static final LeaseRecord LEASE =
            new LeaseRecord(
                    "local",
                    "7710560163503247947",
                    "0123456789abcdef",
                    new Epoch(7),
                    true,
                    BootTime.parseSeconds("12345.67"),
                    42);

    @Test
    void a_lease_survives_the_way_through_its_bytes() {
        byte[] bytes = LEASE.toRecord().toBytes();

        assertThat(bytes).hasSize(ControlRecord.BYTES).endsWith('\n');
        assertThat(ControlRecord.parse(bytes).map(LeaseRecord::of)).contains(LEASE);
    }

    @Test
    void every_torn_write_reads_as_garbage() {
        byte[] old = LEASE.toRecord().toBytes();
        byte[] fresh =
                new LeaseRecord(
                                "local",
                                "7710560163503247947",
                                "0123456789abcdef",
                                new Epoch(8),
                                true,
                                BootTime.parseSeconds("99999.99"),
                                43)
                        .toRecord()
                        .toBytes();

        for (int torn = 1; torn < fresh.length; torn++) {
            byte[] mixed = old.clone();
            System.arraycopy(fresh, 0, mixed, 0, torn);

            assertThat(ControlRecord.parse(mixed).map(LeaseRecord::of))
                    .satisfiesAnyOf(
                            read -> assertThat(read).isEmpty(),
                            read -> assertThat(read.orElseThrow().epoch()).isEqualTo(new Epoch(8)),
                            read -> assertThat(read).contains(LEASE));
        }
    }

    @Test
    void a_flipped_bit_reads_as_garbage() {
        byte[] bytes = LEASE.toRecord().toBytes();
        bytes[60] ^= 1;

        assertThat(ControlRecord.parse(bytes)).isEmpty();
    }

    @Test
    void the_checksum_is_the_one_that_the_contract_names() {
        byte[] bytes = new ControlRecord(Map.of("a", "b")).toBytes();

        // FNV-1a of "a=b" with 32 bits, calculated by hand.
        int hash = 0x811C9DC5;
        for (char c : "a=b".toCharArray()) {
            hash = (hash ^ c) * 16777619;
        }
        assertThat(new String(bytes, java.nio.charset.StandardCharsets.US_ASCII).strip())
                .isEqualTo("a=b sum=%08x".formatted(hash));
    }

    @Test
    void a_value_with_a_blank_is_refused() {
        ControlRecord record = new ControlRecord(Map.of("cluster", "two words"));

        assertThatThrownBy(record::toBytes)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two words");
    }
}
