package io.matriarch.archiver.encryption;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import java.util.ArrayList;
import java.util.List;

/** What this host can decrypt with: of several, the one that fits an object is found by trying. */
public final class Identities {

    /** A host that can only write. */
    static final Identities NONE = new Identities(List.of());

    private static final String ENCRYPTED = "age-encryption.org/";
    private static final String ARMORED = "-----BEGIN AGE ENCRYPTED FILE-----";

    private final List<Identity> all;

    private Identities(List<Identity> all) {
        this.all = List.copyOf(all);
    }

    /**
     * Reads what {@code age-keygen} writes: one identity a line, among lines that are empty or
     * begin with #.
     *
     * @throws IllegalArgumentException if it holds anything else, or nothing; never tells what
     */
    public static Identities parse(String text) {
        if (text.startsWith(ENCRYPTED) || text.startsWith(ARMORED)) {
            throw new IllegalArgumentException(
                    "identities that are encrypted themselves (expected: "
                            + Identity.PREFIX
                            + "…; decrypt them with 'age -d', or have a KMS do it)");
        }
        List<Identity> found = new ArrayList<>();
        int number = 0;
        for (String line : text.lines().map(String::strip).toList()) {
            number++;
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                found.add(new Identity(line));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "line " + number + " is no identity (expected: " + Identity.PREFIX + "…)");
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    "no identity (expected: lines of " + Identity.PREFIX + "…)");
        }
        return new Identities(found);
    }

    public boolean isEmpty() {
        return all.isEmpty();
    }

    /** Of the recipients that they are the secret halves of. */
    public List<String> fingerprints() {
        return all.stream().map(identity -> identity.recipient().fingerprint()).toList();
    }

    List<RecipientStanzaReader> readers() {
        return all.stream().map(Identity::reader).toList();
    }

    @Override
    public String toString() {
        return "identities of " + fingerprints();
    }
}
