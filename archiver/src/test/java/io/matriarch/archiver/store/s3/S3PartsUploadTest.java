package io.matriarch.archiver.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class S3PartsUploadTest {

    @Test
    void parts_grow_so_that_ten_thousand_hold_the_largest_object() {
        long held = 0;
        for (int number = 0; number < 10_000; number++) {
            held += S3PartsUpload.partSize(number, 0);
        }

        assertThat(held).isGreaterThan(5L << 40);
    }
}
