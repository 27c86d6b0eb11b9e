package io.matriarch.archiver.store.s3;

import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.s3.S3Sent.Proof;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/**
 * Looks whether the store holds what it was sent, where its answer alone does not prove it. An
 * object that is found damaged was confirmed to nobody, and is removed: its key would stay taken.
 */
final class S3Inspection {

    private static final Logger log = LoggerFactory.getLogger(S3Inspection.class);
    private static final int STEP = 1 << 16;

    private final S3Store store;

    S3Inspection(S3Store store) {
        this.store = store;
    }

    /**
     * @param tag of the object that was just created: no other one is removed
     * @param parts in which it was sent, in their order
     * @throws StoreException if the store holds something else
     */
    void require(String key, String tag, List<S3Sent.Part> parts, Proof proof) {
        switch (proof) {
            case SAME -> {}
            case NONE -> compareWithListed(key, tag, parts);
            case DOUBTFUL -> readBack(key, tag, parts);
            case OTHER -> throw damaged(key, tag, "has another checksum than what was sent");
        }
    }

    /** What the store says when it is asked, rather than when it was sent something. */
    private void compareWithListed(String key, String tag, List<S3Sent.Part> parts) {
        HeadObjectResponse there = store.describe(key, true).orElseThrow(() -> vanished(key));
        long sent = length(parts);
        if (there.contentLength() != sent) {
            throw damaged(
                    key, tag, "has " + there.contentLength() + " bytes (expected: " + sent + ")");
        }
        boolean isWhole = parts.size() == 1;
        if (isWhole && parts.getFirst().isOther(S3Receipt.of(there))) {
            throw damaged(key, tag, "has another checksum than what was sent");
        }
    }

    private void readBack(String key, String tag, List<S3Sent.Part> parts) {
        try (InputStream in = store.get(key).orElseThrow(() -> vanished(key))) {
            for (S3Sent.Part part : parts) {
                if (!isNext(in, part)) {
                    throw damaged(key, tag, "has other bytes than what was sent");
                }
            }
            if (in.read() >= 0) {
                throw damaged(key, tag, "has more bytes than what was sent");
            }
        } catch (IOException e) {
            throw e.getCause() instanceof StoreException trouble
                    ? trouble
                    : new StoreException(
                            "cannot read back " + key + ": " + e.getMessage(),
                            "look at the store's health; this is tried again by itself",
                            true,
                            e);
        }
    }

    private static boolean isNext(InputStream in, S3Sent.Part part) throws IOException {
        CRC32 found = new CRC32();
        byte[] step = new byte[STEP];
        long left = part.length();
        while (left > 0) {
            int got = in.read(step, 0, (int) Math.min(step.length, left));
            if (got < 0) {
                return false;
            }
            found.update(step, 0, got);
            left -= got;
        }
        return part.isSame(found);
    }

    private StoreException damaged(String key, String tag, String what) {
        boolean isGone = remove(key, tag);
        return new StoreException(
                "object: " + key + " " + what,
                isGone
                        ? "the store, or something before it, damages what it is sent: look at its"
                                + " health. The object was removed, and is sent again"
                        : "the store, or something before it, damages what it is sent: look at its"
                                + " health, and delete the object: its key is taken",
                true,
                null);
    }

    /** Where conditions are ignored, another writer may have replaced it by now. */
    private boolean remove(String key, String tag) {
        try {
            Optional<HeadObjectResponse> there = store.describe(key, false);
            if (there.isPresent() && isSame(tag, there.get().eTag())) {
                store.delete(List.of(key));
                return true;
            }
            return there.isEmpty();
        } catch (StoreException e) {
            log.atWarn()
                    .addKeyValue("object", key)
                    .addKeyValue("error", e.getMessage())
                    .log("a damaged object was left behind");
            return false;
        }
    }

    /** Some answers have quotes around it, and some have not. */
    private static boolean isSame(String tag, String other) {
        return tag.replace("\"", "").equals(other.replace("\"", ""));
    }

    private static long length(List<S3Sent.Part> parts) {
        return parts.stream().mapToLong(S3Sent.Part::length).sum();
    }

    private static StoreException vanished(String key) {
        return new StoreException(
                "object: " + key + " is not there after it was stored (expected: to be found)",
                "another writer may have deleted it just now; if not, the store loses data",
                true,
                null);
    }
}
