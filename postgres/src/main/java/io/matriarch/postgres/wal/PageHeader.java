package io.matriarch.postgres.wal;

/**
 * Where things lie in the header of a WAL page ({@code XLogPageHeaderData} in PostgreSQL's source,
 * the same from version 14 to 18, on little-endian machines).
 */
final class PageHeader {

    /** Of all pages but a segment's first, whose header is a {@link SegmentHeader}. */
    static final int BYTES = 24;

    static final int FLAGS_OFFSET = 2;
    static final int ADDRESS_OFFSET = 8;

    /** How much is left of the record that goes on from the page before. */
    static final int REMAINING_OFFSET = 16;

    /** Of the flags: the page begins within a record. */
    static final int IS_CONTINUED = 0x0001;

    private PageHeader() {}
}
