package io.matriarch.archiver.s3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A request or an answer as it goes over the wire: the first line, the other lines of its head, and
 * its body as it was sent, in chunks or not.
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record HttpMessage(String head, byte[] body) {

    /** Reads one; empty if the connection has ended. */
    static Optional<HttpMessage> readRequest(InputStream in, OutputStream back) throws IOException {
        String head = readHead(in);
        if (head.isEmpty()) {
            return Optional.empty();
        }
        if (header(head, "expect").isPresent()) {
            back.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(ISO_8859_1));
            back.flush();
        }
        String passedOn = head.replaceAll("(?im)^expect:.*\r\n", "");
        return Optional.of(new HttpMessage(passedOn, readBody(head, in, false)));
    }

    static HttpMessage readAnswer(InputStream in, boolean hasNoBody) throws IOException {
        String head = readHead(in);
        while (head.matches("(?s)HTTP/1\\.1 1\\d\\d.*")) {
            head = readHead(in);
        }
        if (head.isEmpty()) {
            throw new EOFException("the server closed the connection without an answer");
        }
        boolean isBodiless = hasNoBody || head.matches("(?s)HTTP/1\\.1 (204|304).*");
        return new HttpMessage(head, isBodiless ? new byte[0] : readBody(head, in, true));
    }

    private static String readHead(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int feeds = 0;
        while (feeds < 2) {
            int b = in.read();
            if (b < 0) {
                return "";
            }
            head.write(b);
            feeds = b == '\n' ? feeds + 1 : b == '\r' ? feeds : 0;
        }
        return head.toString(ISO_8859_1);
    }

    private static byte[] readBody(String head, InputStream in, boolean untilEnd)
            throws IOException {
        Optional<String> length = header(head, "content-length");
        if (length.isPresent()) {
            return in.readNBytes(Integer.parseInt(length.get()));
        }
        if (header(head, "transfer-encoding").isPresent()) {
            return readChunks(in);
        }
        return untilEnd ? in.readAllBytes() : new byte[0];
    }

    private static byte[] readChunks(InputStream in) throws IOException {
        ByteArrayOutputStream raw = new ByteArrayOutputStream();
        while (true) {
            String size = readLine(in, raw);
            int length = Integer.parseInt(size.split(";", -1)[0].strip(), 16);
            if (length == 0) {
                break;
            }
            raw.write(in.readNBytes(length + 2));
        }
        while (!readLine(in, raw).isBlank()) {
            // Trailing headers.
        }
        return raw.toByteArray();
    }

    private static String readLine(InputStream in, OutputStream raw) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b >= 0; b = in.read()) {
            raw.write(b);
            line.append((char) b);
            if (b == '\n') {
                break;
            }
        }
        return line.toString();
    }

    static Optional<String> header(String head, String name) {
        return head.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst();
    }

    /** The same without so many bytes at the end; its head tells the length that is left. */
    HttpMessage cut(int bytes) {
        byte[] kept = Arrays.copyOf(body, Math.max(0, body.length - bytes));
        String told =
                head.replaceAll(
                        "(?im)^content-length:.*\r\n", "Content-Length: " + kept.length + "\r\n");
        return new HttpMessage(told, kept);
    }

    /** The same with another bit. */
    HttpMessage flipped(int position) {
        byte[] other = body.clone();
        if (other.length > 0) {
            other[Math.floorMod(position, other.length)] ^= 1;
        }
        return new HttpMessage(head, other);
    }

    Passing passing() {
        String[] words = head.lines().findFirst().orElse("").split(" ", -1);
        return new Passing(words[0], words[1]);
    }

    void writeTo(OutputStream out) throws IOException {
        writeTo(out, false);
    }

    /** The answer to a HEAD tells of a body that it has not. */
    void writeTo(OutputStream out, boolean isHeadOnly) throws IOException {
        out.write(head.getBytes(ISO_8859_1));
        if (!isHeadOnly) {
            out.write(body);
        }
        out.flush();
    }
}
