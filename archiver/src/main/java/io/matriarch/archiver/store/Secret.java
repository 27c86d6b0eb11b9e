package io.matriarch.archiver.store;

/** A text that must not be seen: it shows itself only to who asks for it by name. */
public record Secret(String reveal) {

    @Override
    public String toString() {
        return "(secret)";
    }
}
