package io.matriarch.archiver.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.store.StorageClass;
import io.matriarch.archiver.store.StorageClass.Access;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class S3StorageTest {

    /** The headers as Amazon's manual has them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                                        |                     |                                                                     | STANDARD            | READABLE
                    STANDARD_IA         |                     |                                                                     | STANDARD_IA         | READABLE
                    GLACIER_IR          |                     |                                                                     | GLACIER_IR          | READABLE
                    GLACIER             |                     |                                                                     | GLACIER             | ARCHIVED
                    DEEP_ARCHIVE        |                     |                                                                     | DEEP_ARCHIVE        | ARCHIVED
                    DEEP_ARCHIVE        |                     | ongoing-request="true"                                              | DEEP_ARCHIVE        | THAWING
                    GLACIER             |                     | ongoing-request="false", expiry-date="Fri, 21 Dec 2029 00:00:00 GMT" | GLACIER             | READABLE
                    INTELLIGENT_TIERING |                     |                                                                     | INTELLIGENT_TIERING | READABLE
                    INTELLIGENT_TIERING | ARCHIVE_ACCESS      |                                                                     | INTELLIGENT_TIERING | ARCHIVED
                    INTELLIGENT_TIERING | DEEP_ARCHIVE_ACCESS | ongoing-request="true"                                              | INTELLIGENT_TIERING | THAWING
                    """)
    void an_object_tells_whether_it_can_be_read(
            @Nullable String storageClass,
            @Nullable String archiveStatus,
            @Nullable String restore,
            String name,
            Access access) {
        assertThat(S3Storage.described(storageClass, archiveStatus, restore))
                .isEqualTo(new StorageClass(name, access));
    }

    @ParameterizedTest
    @CsvSource({
        ", STANDARD, READABLE",
        "STANDARD, STANDARD, READABLE",
        "ONEZONE_IA, ONEZONE_IA, READABLE",
        "GLACIER_IR, GLACIER_IR, READABLE",
        "GLACIER, GLACIER, UNTOLD",
        "DEEP_ARCHIVE, DEEP_ARCHIVE, UNTOLD",
        "INTELLIGENT_TIERING, INTELLIGENT_TIERING, UNTOLD"
    })
    void a_listing_tells_the_class_and_admits_what_it_does_not_know(
            @Nullable String storageClass, String name, Access access) {
        assertThat(S3Storage.listed(storageClass)).isEqualTo(new StorageClass(name, access));
    }
}
