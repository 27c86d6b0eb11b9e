package io.matriarch.archiver.s3;

import io.matriarch.archiver.s3.DoubleReply.Refusal;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Uploads in parts that are under way. */
final class DoubleUploads {

    private static final int SMALLEST_PART = 5 << 20;

    private final int mostParts;
    private final Map<String, Upload> uploads = new ConcurrentHashMap<>();

    DoubleUploads(int mostParts) {
        this.mostParts = mostParts;
    }

    /** One upload, and the headers that its object will have. */
    record Upload(
            String key,
            Map<String, String> headers,
            Instant begun,
            SortedMap<Integer, Part> parts) {

        Optional<String> algorithm() {
            return Optional.ofNullable(headers.get("x-amz-checksum-algorithm"));
        }

        boolean isKeyManaged() {
            return headers.getOrDefault("x-amz-server-side-encryption", "").startsWith("aws:kms");
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Part(byte[] content, String etag, Map<String, String> checksums) {}

    /** A part as the list that ends an upload names it. */
    record Named(int number, String etag, Map<String, String> checksums) {}

    String begin(String key, Map<String, String> headers) {
        String id = UUID.randomUUID().toString();
        uploads.put(id, new Upload(key, headers, Instant.now(), new TreeMap<>()));
        return id;
    }

    /**
     * @param kept what is kept of the part
     */
    Part add(DoubleRequest request, byte[] kept, boolean hasOddTag) {
        Upload upload = find(request);
        int number = Integer.parseInt(request.query().get("partNumber"));
        if (number < 1 || number > mostParts) {
            throw new Refusal(400, "InvalidArgument", "part number " + number);
        }
        Map<String, String> checksums = Digests.verified(request);
        Optional<String> algorithm = upload.algorithm();
        if (algorithm.isPresent()
                && !checksums.containsKey(
                        Digests.PREFIX + algorithm.get().toLowerCase(Locale.ROOT))) {
            throw new Refusal(400, "InvalidRequest", "the part comes without " + algorithm.get());
        }
        boolean isNoDigest = hasOddTag || upload.isKeyManaged();
        Part part =
                new Part(
                        kept,
                        Digests.etag(isNoDigest ? Digests.digest("SHA-1", kept) : kept),
                        Digests.again(checksums, kept));
        synchronized (upload) {
            upload.parts().put(number, part);
        }
        return part;
    }

    Upload find(DoubleRequest request) {
        Upload upload = uploads.get(request.query().get("uploadId"));
        if (upload == null || !upload.key().equals(request.key())) {
            throw new Refusal(404, "NoSuchUpload", "completed, aborted or never begun");
        }
        return upload;
    }

    /** The object that the named parts make, if they are what was sent. */
    static DoubleObject assemble(Upload upload, List<Named> named) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        ByteArrayOutputStream digests = new ByteArrayOutputStream();
        int before = 0;
        for (Named one : named) {
            if (one.number() <= before) {
                throw new Refusal(400, "InvalidPartOrder", "part " + one.number());
            }
            before = one.number();
            Part part = upload.parts().get(one.number());
            if (part == null || !part.etag().equals(one.etag())) {
                throw new Refusal(400, "InvalidPart", "part " + one.number());
            }
            boolean isLast = one.equals(named.getLast());
            if (!isLast && part.content().length < SMALLEST_PART) {
                throw new Refusal(400, "EntityTooSmall", "part " + one.number());
            }
            if (upload.algorithm().isPresent() && !one.checksums().equals(part.checksums())) {
                throw new Refusal(400, "InvalidRequest", "no checksum for part " + one.number());
            }
            content.writeBytes(part.content());
            digests.writeBytes(Digests.digest("MD5", part.content()));
        }
        Map<String, String> headers = new TreeMap<>(upload.headers());
        headers.remove("x-amz-checksum-algorithm");
        return new DoubleObject(
                content.toByteArray(),
                Digests.etag(digests.toByteArray()) + "-" + named.size(),
                headers,
                "",
                "",
                Instant.now());
    }

    void end(DoubleRequest request) {
        find(request);
        uploads.remove(request.query().get("uploadId"));
    }

    String list(String prefix) {
        List<String> lines = new ArrayList<>();
        uploads.forEach((id, upload) -> {
            if (upload.key().startsWith(prefix)) {
                lines.add(
                        "<Upload><Key>%s</Key><UploadId>%s</UploadId><Initiated>%s</Initiated></Upload>"
                                .formatted(upload.key(), id, upload.begun()));
            }
        });
        return String.join("", lines);
    }

    int underWay() {
        return uploads.size();
    }

    /** As if they had been begun so much earlier. */
    void backdate(Duration age) {
        uploads.replaceAll((_, upload) ->
                new Upload(
                        upload.key(), upload.headers(), upload.begun().minus(age), upload.parts()));
    }
}
