package io.matriarch.archiver.repository;

import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.StoredObject;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * What a file of the log holds, before compression.
 *
 * @param sha256 in hexadecimal
 */
public record WalContent(long size, String sha256) {

    private static final String SIZE = "content-size";
    private static final String SHA256 = "content-sha256";
    private static final String STORED_SHA256 = "stored-sha256";
    private static final String WRITER = "writer";
    private static final String EPOCH = "epoch";

    /** What is written beside the object. */
    public Metadata metadata(String writer, long epoch) {
        return Metadata.of(
                Map.of(
                        SIZE,
                        Long.toString(size),
                        SHA256,
                        sha256,
                        WRITER,
                        writer,
                        EPOCH,
                        Long.toString(epoch)));
    }

    /**
     * What is written beside one that is encrypted: by this it is proven also where it cannot be
     * decrypted.
     *
     * @param sha256 of the bytes as they are stored
     */
    public static Metadata withStored(Metadata others, String sha256) {
        return others.with(STORED_SHA256, sha256);
    }

    /** The digest of the bytes as they are stored, if the object tells it. */
    public static Optional<String> storedSha256(StoredObject object) {
        return object.metadata().value(STORED_SHA256);
    }

    /** What an object says of its content; empty if it says nothing, or nonsense. */
    public static Optional<WalContent> of(StoredObject object) {
        Optional<String> size = object.metadata().value(SIZE).filter(s -> s.matches("[0-9]{1,18}"));
        Optional<String> sha256 = object.metadata().value(SHA256);
        return size.isPresent() && sha256.isPresent()
                ? Optional.of(new WalContent(Long.parseLong(size.get()), sha256.get()))
                : Optional.empty();
    }

    /** Who wrote an object, for people. */
    public static String writerOf(StoredObject object) {
        return object.metadata().value(WRITER).orElse("an unknown writer")
                + " in epoch "
                + object.metadata().value(EPOCH).orElse("unknown");
    }

    /** A digest to be fed with content, for {@link #of(long, MessageDigest)}. */
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every Java", e);
        }
    }

    /** What was fed to a digest, which begins anew. */
    public static WalContent of(long size, MessageDigest fed) {
        return new WalContent(size, HexFormat.of().formatHex(fed.digest()));
    }
}
