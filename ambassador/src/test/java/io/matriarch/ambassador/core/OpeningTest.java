package io.matriarch.ambassador.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class OpeningTest {

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            textBlock =
                    """
                    '',                                 INCOMPLETE
                    00,                                 INCOMPLETE
                    00000008 04d216,                    INCOMPLETE
                    00000008 04d2162f,                  SSL_REQUEST
                    00000008 04d21630,                  GSSENC_REQUEST
                    00000010 04d2162e 00000001 0000,    INCOMPLETE
                    00000010 04d2162e 00000001 00000002, CANCEL
                    0000000c 04d2162e 00000001,         UNRECOGNISED
                    00000009 00030000 00,               STARTUP
                    00000009 00030002 00,               STARTUP
                    0000000c 00030000 7573,             INCOMPLETE
                    00000009 00020000 00,               UNRECOGNISED
                    00000007 00030000,                  UNRECOGNISED
                    00002711 00030000,                  UNRECOGNISED
                    00100000 00030000,                  UNRECOGNISED
                    16030100,                           DIRECT_TLS
                    474554,                             UNRECOGNISED
                    80000000,                           UNRECOGNISED
                    """)
    void is_told_by_the_first_bytes(String hex, Opening expected) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));

        assertThat(Opening.of(ByteBuffer.wrap(bytes))).isEqualTo(expected);
    }

    @Test
    void a_refusal_is_an_error_response_of_the_protocol() {
        byte[] bytes = new Refusal("57P03", "no", "wait").toBytes();

        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        assertThat(buffer.get()).isEqualTo((byte) 'E');
        assertThat(buffer.getInt()).isEqualTo(bytes.length - 1);
        assertThat(new String(bytes, 5, bytes.length - 5, StandardCharsets.UTF_8))
                .isEqualTo("SFATAL\0VFATAL\0C57P03\0Mno\0Hwait\0\0");
    }
}
