package io.matriarch.archiver.verification;

import io.matriarch.archiver.pace.PaceLimits;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much of an archive is read back: some of its stored bytes. The object that reaches the amount
 * is read to its end.
 *
 * @param bytes at most; empty if a share is given
 * @param share of all stored bytes, from above 0 to 1
 */
public record Sample(OptionalLong bytes, double share) {

    public static final Sample ALL = new Sample(OptionalLong.empty(), 1);

    /** What a sample looks like. */
    public static final String TEXTS = "all, a size such as 20GB, or a share such as 5%";

    private static final Pattern SHARE = Pattern.compile("([0-9]{1,2}(?:\\.[0-9]{1,3})?) ?%");

    /**
     * Reads what somebody has configured.
     *
     * @throws IllegalArgumentException if the text is no sample
     */
    public static Sample parse(String text) {
        if (text.equals("all") || text.equals("100%")) {
            return ALL;
        }
        Matcher share = SHARE.matcher(text);
        try {
            Sample sample =
                    share.matches()
                            ? new Sample(
                                    OptionalLong.empty(), Double.parseDouble(share.group(1)) / 100)
                            : new Sample(OptionalLong.of(PaceLimits.size(text)), 1);
            if (sample.share > 0 && sample.bytes.orElse(1) > 0) {
                return sample;
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(malformed(text), e);
        }
        throw new IllegalArgumentException(malformed(text));
    }

    private static String malformed(String text) {
        return "sample: " + text + " (expected: " + TEXTS + ")";
    }

    /** How many of so many stored bytes that is. */
    long of(long all) {
        return bytes.isPresent() ? Math.min(all, bytes.getAsLong()) : (long) Math.ceil(share * all);
    }

    boolean isAll() {
        return bytes.isEmpty() && share >= 1;
    }
}
