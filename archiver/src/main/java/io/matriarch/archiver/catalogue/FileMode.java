package io.matriarch.archiver.catalogue;

import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;

/** Permission bits as four octal digits, as people write them. */
public final class FileMode {

    private static final Pattern OCTAL = Pattern.compile("0[0-7]{3}");
    private static final PosixFilePermission[] FROM_HIGHEST = PosixFilePermission.values();

    private FileMode() {}

    /** The permissions of a file. */
    public static String of(PosixFileAttributes attributes) {
        int bits = 0;
        for (PosixFilePermission permission : FROM_HIGHEST) {
            bits = bits << 1 | (attributes.permissions().contains(permission) ? 1 : 0);
        }
        return "%04o".formatted(bits);
    }

    /**
     * The permissions that an octal text stands for.
     *
     * @throws IllegalArgumentException if it is not four octal digits
     */
    public static Set<PosixFilePermission> permissions(String mode) {
        if (!OCTAL.matcher(mode).matches()) {
            throw new IllegalArgumentException("mode: " + mode + " (expected: as in 0600)");
        }
        int bits = Integer.parseInt(mode, 8);
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int i = 0; i < FROM_HIGHEST.length; i++) {
            if ((bits >> (FROM_HIGHEST.length - 1 - i) & 1) == 1) {
                permissions.add(FROM_HIGHEST[i]);
            }
        }
        return permissions;
    }
}
