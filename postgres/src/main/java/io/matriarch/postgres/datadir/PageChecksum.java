package io.matriarch.postgres.datadir;

import io.matriarch.postgres.Lsn;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The checksum in the header of every page of a cluster with {@code data_checksums}: 32 interleaved
 * FNV-1a sums over the page, folded, mixed with the block's number (described in PostgreSQL's
 * {@code checksum_impl.h}). Pages are of 8 KB, PostgreSQL's default.
 */
public final class PageChecksum {

    public static final int PAGE_BYTES = 8192;

    private static final int SUMS = 32;
    private static final int PRIME = 16_777_619;
    private static final int CHECKSUM_OFFSET = 8;
    private static final int UPPER_OFFSET = 14;

    private static final int[] BASES = {
        0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A, 0x79FF467A, 0x9BB9F8A3, 0x217E7CD2,
        0x83E13D2C, 0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA, 0x7B093B5D, 0x98DAFF3C,
        0xF718902A, 0x0B1C9CDB, 0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE, 0x92BEC979,
        0xCCA6C0B2, 0x304A0979, 0x85AA43D4, 0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E,
        0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756
    };

    private PageChecksum() {}

    /** Whether the page at {@code offset} carries its own checksum, or is new and carries none. */
    public static boolean isValid(byte[] bytes, int offset, long block) {
        ByteBuffer page = page(bytes, offset);
        if (page.getShort(UPPER_OFFSET) == 0) {
            return isZero(bytes, offset);
        }
        return Short.toUnsignedInt(page.getShort(CHECKSUM_OFFSET)) == of(bytes, offset, block);
    }

    /** The checksum that the page at {@code offset} should carry as block {@code block}. */
    public static int of(byte[] bytes, int offset, long block) {
        ByteBuffer page = page(bytes, offset);
        int[] sums = BASES.clone();
        for (int at = 0; at < PAGE_BYTES; at += SUMS * Integer.BYTES) {
            for (int i = 0; i < SUMS; i++) {
                int word = page.getInt(at + i * Integer.BYTES);
                // The checksum's own two bytes count as zero.
                sums[i] = mix(sums[i], at == 0 && i == 2 ? word & 0xFFFF0000 : word);
            }
        }
        int folded = 0;
        for (int sum : sums) {
            folded ^= mix(mix(sum, 0), 0);
        }
        long mixed = Integer.toUnsignedLong(folded ^ (int) block);
        return (int) (mixed % 65_535) + 1;
    }

    /** The position of the last record that changed the page at {@code offset}. */
    public static Lsn lsn(byte[] bytes, int offset) {
        ByteBuffer page = page(bytes, offset);
        return new Lsn((long) page.getInt(0) << 32 | Integer.toUnsignedLong(page.getInt(4)));
    }

    private static int mix(int sum, int value) {
        int mixed = sum ^ value;
        return mixed * PRIME ^ (mixed >>> 17);
    }

    private static boolean isZero(byte[] bytes, int offset) {
        for (int i = offset; i < offset + PAGE_BYTES; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static ByteBuffer page(byte[] bytes, int offset) {
        return ByteBuffer.wrap(bytes, offset, PAGE_BYTES).slice().order(ByteOrder.LITTLE_ENDIAN);
    }
}
