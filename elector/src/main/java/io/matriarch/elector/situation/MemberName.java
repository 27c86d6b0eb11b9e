package io.matriarch.elector.situation;

import java.util.regex.Pattern;

/**
 * The name of a member: also its {@code application_name}, so it keeps to what both worlds allow.
 */
public record MemberName(String value) implements Comparable<MemberName> {

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");

    public MemberName {
        if (!NAME.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "member: "
                            + value
                            + " (expected: lower-case letters, digits, - and _, at most 63)");
        }
    }

    public static MemberName parse(String text) {
        return new MemberName(text);
    }

    @Override
    public int compareTo(MemberName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
