package io.matriarch.elector.assignment;

import io.matriarch.elector.situation.MemberName;

/** From whom a base backup is to be taken. */
public sealed interface BackupOrigin {

    /** A healthy standby if there is one, else the primary. */
    record Any() implements BackupOrigin {
        @Override
        public String toString() {
            return "any";
        }
    }

    record Primary() implements BackupOrigin {
        @Override
        public String toString() {
            return "primary";
        }
    }

    record Standby() implements BackupOrigin {
        @Override
        public String toString() {
            return "standby";
        }
    }

    /** This one, whatever its role. */
    record Member(MemberName name) implements BackupOrigin {
        @Override
        public String toString() {
            return name.toString();
        }
    }

    /**
     * Reads {@code any}, {@code primary}, {@code standby} or a member's name.
     *
     * @throws IllegalArgumentException if it is none of them
     */
    static BackupOrigin parse(String text) {
        return switch (text) {
            case "any" -> new Any();
            case "primary" -> new Primary();
            case "standby" -> new Standby();
            default -> new Member(MemberName.parse(text));
        };
    }
}
