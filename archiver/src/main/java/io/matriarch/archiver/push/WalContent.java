package io.matriarch.archiver.push;

import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.StoredObject;
import java.util.Map;
import java.util.Optional;

/**
 * What a file of the log holds, before compression.
 *
 * @param sha256 in hexadecimal
 */
record WalContent(long size, String sha256) {

    private static final String SIZE = "content-size";
    private static final String SHA256 = "content-sha256";
    private static final String WRITER = "writer";
    private static final String EPOCH = "epoch";

    Metadata metadata(String writer, WriterEpoch epoch) {
        return Metadata.of(
                Map.of(
                        SIZE,
                        Long.toString(size),
                        SHA256,
                        sha256,
                        WRITER,
                        writer,
                        EPOCH,
                        epoch.toString()));
    }

    /** What an object says of its content; empty if it says nothing, or nonsense. */
    static Optional<WalContent> of(StoredObject object) {
        Optional<String> size = object.metadata().value(SIZE).filter(s -> s.matches("[0-9]{1,18}"));
        Optional<String> sha256 = object.metadata().value(SHA256);
        return size.isPresent() && sha256.isPresent()
                ? Optional.of(new WalContent(Long.parseLong(size.get()), sha256.get()))
                : Optional.empty();
    }

    /** Who wrote an object, for people. */
    static String writerOf(StoredObject object) {
        return object.metadata().value(WRITER).orElse("an unknown writer")
                + " in epoch "
                + object.metadata().value(EPOCH).orElse("unknown");
    }
}
