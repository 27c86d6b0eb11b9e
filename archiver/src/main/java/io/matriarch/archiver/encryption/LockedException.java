package io.matriarch.archiver.encryption;

import java.util.List;
import java.util.Optional;

/** This host has none of the identities that it is encrypted for. The bytes may well be good. */
public final class LockedException extends UnreadableContentException {

    private static final long serialVersionUID = 1L;

    private final String lack;
    private final String hint;
    private final transient List<String> held;

    private LockedException(String lack, String hint, List<String> held) {
        super("is encrypted, and " + lack);
        this.lack = lack;
        this.hint = hint;
        this.held = List.copyOf(held);
    }

    static LockedException withNone() {
        return new LockedException(
                "this host has no identity",
                "name the identity: --identity FILE, or repository.encryption.identities in the"
                        + " configuration file; a host that is only to write needs none",
                List.of());
    }

    static LockedException withOthers(Identities held) {
        return new LockedException(
                "none of the identities here fits: " + String.join(" ", held.fingerprints()),
                "add the identity of that key to the identity file: old ones stay in it for as long"
                        + " as the archive has objects of their time",
                held.fingerprints());
    }

    static LockedException unavailable(EncryptionException why) {
        return new LockedException(
                "the identities cannot be had: " + why.getMessage(), why.hint(), List.of());
    }

    /** What is wrong with an object, of which its metadata may say for which keys it was made. */
    public String reason(Optional<String> encryptedFor) {
        return "is encrypted" + encryptedFor.map(it -> " for " + it).orElse("") + ", and " + lack;
    }

    /** What a person can do about it. */
    public String hint() {
        return hint;
    }

    /**
     * Whether an identity is here after all: then what says how to decrypt the object was changed.
     */
    public boolean isContradicted(Optional<String> encryptedFor) {
        return encryptedFor.stream()
                .flatMap(it -> List.of(it.split(" ", -1)).stream())
                .anyMatch(held::contains);
    }
}
