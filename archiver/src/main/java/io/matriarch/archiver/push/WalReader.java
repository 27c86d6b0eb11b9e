package io.matriarch.archiver.push;

import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.repository.WalContent;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.wal.SegmentHeader;
import io.matriarch.postgres.wal.SegmentPages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;

/** Reads a file of the log, and checks that it is what its name says, before any of it leaves. */
final class WalReader {

    /** Histories and backup labels are some hundred bytes. */
    private static final int LARGEST_TEXT = 1 << 20;

    /** Beyond this size the compressed form is not held in memory either. */
    static final long LARGEST_IN_MEMORY = 64L << 20;

    /**
     * What is to be sent.
     *
     * @param body unless it is a {@link StreamedSegment}, valid until the chunks are closed
     * @param stored what is told of the stored form, beside what is told of the content
     */
    record Prepared(Body body, WalContent content, Metadata stored) {}

    /** The file is not what its name says. */
    static final class UnfitException extends Exception {
        private static final long serialVersionUID = 1L;

        private final String reason;

        UnfitException(String reason) {
            super(reason);
            this.reason = reason;
        }

        String reason() {
            return reason;
        }
    }

    private final Path walDirectory;
    private final WalSegmentSize segmentSize;
    private final SystemIdentifier cluster;
    private final int compressionLevel;
    private final Keyring keyring;

    /**
     * @param keyring for whom segments are encrypted
     */
    WalReader(PushSettings settings, Keyring keyring) {
        this.keyring = keyring;
        this.walDirectory = settings.walDirectory();
        this.segmentSize = settings.segmentSize();
        this.cluster = settings.layout().systemIdentifier();
        this.compressionLevel = settings.compressionLevel();
    }

    /**
     * Reads, checks and compresses.
     *
     * @param into where the compressed form goes, if there is room
     */
    Prepared prepare(WalName name, SegmentBuffer buffer, PackedSegment into)
            throws IOException, UnfitException {
        Path file = walDirectory.resolve(name.text());
        return switch (name) {
            case WalName.Segment(var _, String text) -> segment(file, text, true, buffer, into);
            case WalName.Partial partial ->
                    segment(file, partial.segmentName(), false, buffer, into);
            case WalName.History _, WalName.BackupLabel _ -> text(file);
        };
    }

    private Prepared segment(
            Path file,
            String segmentName,
            boolean isWhole,
            SegmentBuffer buffer,
            PackedSegment into)
            throws IOException, UnfitException {
        WalSegment segment =
                WalSegment.tryParse(segmentName, segmentSize)
                        .orElseThrow(() -> new UnfitException(notForThisSize(file)));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size != segmentSize.bytes()) {
                throw new UnfitException(
                        "size of "
                                + file.getFileName()
                                + ": "
                                + size
                                + " (expected: "
                                + segmentSize.bytes()
                                + ")");
            }
            if (size > LARGEST_IN_MEMORY) {
                into.giveUp();
            }
            MessageDigest digest = WalContent.digest();
            buffer.read(channel, size, new Inspector(segment, isWhole), digest, keyring, into);
            WalContent content = WalContent.of(size, digest);
            Body body =
                    into.isWhole()
                            ? into.body()
                            : new StreamedSegment(file, compressionLevel, keyring, content);
            return new Prepared(body, content, stored(into));
        }
    }

    /** What is streamed is encrypted as it goes, and nobody knows its digest before. */
    private Metadata stored(PackedSegment into) {
        Metadata encrypted = Metadata.encryptedWith(keyring);
        return keyring.isEncrypting() && into.isWhole()
                ? WalContent.withStored(encrypted, into.sha256())
                : encrypted;
    }

    /** What is wrong with a segment can be put right only as long as its server has it. */
    private final class Inspector implements SegmentBuffer.Inspection {

        private final WalSegment segment;
        private final Optional<SegmentPages> pages;
        private boolean hasBegun;

        /**
         * @param isWhole if not, it ends somewhere, with anything behind its end
         */
        Inspector(WalSegment segment, boolean isWhole) {
            this.segment = segment;
            this.pages = isWhole ? Optional.of(new SegmentPages(segment)) : Optional.empty();
        }

        @Override
        public void inspect(ByteBuffer step) throws UnfitException {
            if (!hasBegun) {
                hasBegun = true;
                check(step);
            }
            Optional<String> wrong = pages.flatMap(it -> it.next(step));
            if (wrong.isPresent()) {
                throw new UnfitException(segment + ": " + wrong.get());
            }
        }

        private void check(ByteBuffer firstBytes) throws UnfitException {
            SegmentHeader header =
                    SegmentHeader.read(firstBytes)
                            .orElseThrow(() ->
                                    new UnfitException(
                                            "header of "
                                                    + segment
                                                    + ": unreadable (expected: a WAL page)"));
            Optional<String> mismatch = header.mismatch(segment, cluster);
            if (mismatch.isPresent()) {
                throw new UnfitException("header of " + segment + ": " + mismatch.get());
            }
        }
    }

    private static Prepared text(Path file) throws IOException, UnfitException {
        if (Files.size(file) > LARGEST_TEXT) {
            throw new UnfitException(
                    "size of " + file.getFileName() + ": more than " + LARGEST_TEXT + " bytes");
        }
        byte[] bytes = Files.readAllBytes(file);
        MessageDigest digest = WalContent.digest();
        digest.update(bytes);
        return new Prepared(Body.of(bytes), WalContent.of(bytes.length, digest), Metadata.NONE);
    }

    private String notForThisSize(Path file) {
        return "name: "
                + file.getFileName()
                + " (expected: a segment of "
                + segmentSize.bytes()
                + " bytes)";
    }
}
