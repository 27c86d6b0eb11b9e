package io.matriarch.archiver.planning;

/**
 * An object that is there and cannot be used.
 *
 * @param reason what is wrong with it
 */
public record Damage(String key, String reason) {

    boolean isHistory() {
        return key.endsWith(".history");
    }

    @Override
    public String toString() {
        return "object " + key + ": " + reason;
    }
}
